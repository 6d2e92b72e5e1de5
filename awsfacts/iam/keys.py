"""Global condition keys: those that any request may carry.

Source: IAM user guide, "AWS global condition context keys", as of November 2026. In lower case; `*` stands for a
tag's key.
"""

from __future__ import annotations

from typing import Final

GLOBAL_KEYS: Final = frozenset(
    {
        "aws:assumedroot", "aws:calledvia", "aws:calledviaawsmcp", "aws:calledviafirst", "aws:calledvialast",
        "aws:chatbotsourcearn", "aws:currenttime", "aws:ec2instancesourceprivateipv4", "aws:ec2instancesourcevpc",
        "aws:epochtime", "aws:federatedprovider", "aws:ismcpserviceaction", "aws:multifactorauthage",
        "aws:multifactorauthpresent", "aws:principalaccount", "aws:principalarn", "aws:principalisawsservice",
        "aws:principalorgid", "aws:principalorgpaths", "aws:principalservicename", "aws:principalservicenameslist",
        "aws:principaltag/*", "aws:principaltype", "aws:referer", "aws:requestedregion", "aws:requesttag/*",
        "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "aws:resourcetag/*",
        "aws:securetransport", "aws:signintoken", "aws:sourceaccount", "aws:sourcearn", "aws:sourceidentity",
        "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc",
        "aws:sourcevpcarn", "aws:sourcevpce", "aws:tagkeys", "aws:tokenissuetime", "aws:useragent", "aws:userid",
        "aws:username", "aws:viaawsmcpservice", "aws:viaawsservice", "aws:vpceaccount", "aws:vpceorgid",
        "aws:vpceorgpaths", "aws:vpcsourceip",
    }
)  # fmt: skip
"""Keys of the prefix `aws:`."""
