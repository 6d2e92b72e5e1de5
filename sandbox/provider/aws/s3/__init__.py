"""S3: buckets, each part of their configuration, and objects."""

from sandbox.provider.aws.s3.bucket import BUCKET
from sandbox.provider.aws.s3.configuration import CONFIGURATIONS
from sandbox.provider.aws.s3.objects import OBJECTS

KINDS = (BUCKET, *CONFIGURATIONS, *OBJECTS)
