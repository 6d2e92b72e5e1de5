"""Tables in the home region, replicas and insights in every region."""

from components.data.home import HomeTables
from components.data.layer import DataLayer
from components.data.outputs import DataOutputs, HomeTableOutputs

__all__ = ["DataLayer", "DataOutputs", "HomeTableOutputs", "HomeTables"]
