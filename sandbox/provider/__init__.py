"""Pulumi provider plugins for `aws`, `eks` and `kubernetes` that know no AWS but the sandbox's.

A stand-in checks inputs against the installed SDK's own types, plans as the real provider does, and either really
creates a resource in the sandbox's cloud or records it with the id, ARN and outputs that AWS would give. It never
talks to AWS: without a sandbox it can check, plan and preview, and refuses to create what needs a cloud.
"""
