"""DynamoDB's expressions: condition, filter, key condition, projection and update."""

from sandbox.cloud.dynamodb.expressions.bind import Binder, Names
from sandbox.cloud.dynamodb.expressions.conditions import Condition, holds
from sandbox.cloud.dynamodb.expressions.updates import Update, apply

__all__ = ["Binder", "Condition", "Names", "Update", "apply", "holds"]
