"""Tables in the home region, replicas and insights in every region."""

from components.data.backup import Backup
from components.data.consumers import StreamConsumer
from components.data.exports import Exports
from components.data.home import HomeTables
from components.data.layer import DataLayer
from components.data.outputs import DataOutputs, HomeTableOutputs

__all__ = ["Backup", "DataLayer", "DataOutputs", "Exports", "HomeTableOutputs", "HomeTables", "StreamConsumer"]
