"""How the layers are put together: what is global, what each region has, what joins them."""

from components.platform.config import read_settings
from components.platform.federation import Federation
from components.platform.foundation import Foundation
from components.platform.providers import region_providers, regional_providers
from components.platform.region import Region

__all__ = ["Federation", "Foundation", "Region", "read_settings", "region_providers", "regional_providers"]
