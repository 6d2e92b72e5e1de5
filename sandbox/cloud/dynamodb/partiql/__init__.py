"""PartiQL as DynamoDB has it: one statement reads or writes items of one table."""

from sandbox.cloud.dynamodb.partiql.bind import Bound, bind
from sandbox.cloud.dynamodb.partiql.nodes import Delete, Exists, Insert, Select, Statement, Update
from sandbox.cloud.dynamodb.partiql.parser import parse

__all__ = ["Bound", "Delete", "Exists", "Insert", "Select", "Statement", "Update", "bind", "parse"]
