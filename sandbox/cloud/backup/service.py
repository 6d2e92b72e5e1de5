"""The calls of AWS Backup that hold data. Everything else of the service is passed on to moto.

The backups themselves are the DynamoDB part's: a recovery point names one, a restore job makes a table of it.
Lifecycles are kept and not carried out; a job is done when it is asked for.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote

from sandbox.cloud.authorization.guard import Asker
from sandbox.cloud.backup.vaults import Job, RecoveryPoint
from sandbox.cloud.gateway import errors
from sandbox.cloud.gateway.route import route_of
from sandbox.cloud.http import Request, Response, Upstream, UpstreamError

_log = logging.getLogger(__name__)

Done = Callable[[Response | None], None]

_PATHS = tuple(
    (method, re.compile(pattern + r"/?\Z"), name)
    for method, pattern, name in (
        (b"PUT", r"/backup-jobs", "start_backup"),
        (b"GET", r"/backup-jobs", "list_backups"),
        (b"GET", r"/backup-jobs/([^/]+)", "describe_backup"),
        (b"PUT", r"/restore-jobs", "start_restore"),
        (b"GET", r"/restore-jobs", "list_restores"),
        (b"GET", r"/restore-jobs/([^/]+)", "describe_restore"),
        (b"PUT", r"/copy-jobs", "start_copy"),
        (b"GET", r"/copy-jobs/([^/]+)", "describe_copy"),
        (b"GET", r"/backup-vaults/([^/]+)/recovery-points", "points_of_vault"),
        (b"GET", r"/backup-vaults/([^/]+)/recovery-points/([^/]+)", "describe_point"),
        (b"DELETE", r"/backup-vaults/([^/]+)/recovery-points/([^/]+)", "delete_point"),
        (b"GET", r"/backup-vaults/([^/]+)/recovery-points/([^/]+)/restore-metadata", "restore_metadata"),
        (b"GET", r"/resources", "protected"),
        (b"GET", r"/resources/([^/]+)/recovery-points", "points_of_resource"),
    )
)


class _Refusal(Exception):  # noqa: N818 - an answer, not a fault of ours
    """An error of the service."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Call(NamedTuple):
    """A request, read."""

    region: str
    names: tuple[str, ...]
    query: dict[str, str]
    body: dict[str, Any]


class BackupService:
    """Stands where an upstream stands, for the service `backup`."""

    def __init__(self, aws: Upstream, dynamodb: Upstream, control: Asker, *, account: str) -> None:
        self._aws = aws
        self._dynamodb = dynamodb
        self._control = control
        self._account = account
        self._points: dict[str, RecoveryPoint] = {}
        self._backups: dict[str, Job] = {}
        self._restores: dict[str, Job] = {}
        self._copies: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, request: Request, done: Done) -> None:
        """Answer a request; `done` is called in the event loop, once."""
        path, _, query = request.target.decode("latin-1").partition("?")
        for method, pattern, name in _PATHS:
            match = pattern.match(path) if method == request.method else None
            if match is not None:
                task = asyncio.get_running_loop().create_task(
                    self._answer(request, getattr(self, f"_{name}"), match.groups(), query, done)
                )
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                return
        self._aws.send(request, done)

    async def _answer(
        self,
        request: Request,
        work: Callable[[_Call], Awaitable[dict[str, Any]]],
        names: tuple[str, ...],
        query: str,
        done: Done,
    ) -> None:
        try:
            body = json.loads(request.body or b"{}")
            parameters = {name: values[0] for name, values in parse_qs(query).items()}
            call = _Call(route_of(request).region, tuple(unquote(name) for name in names), parameters, body)
            document = await work(call)
        except _Refusal as refusal:
            done(errors.error(request, "backup", 400, refusal.code, str(refusal)))
        except UpstreamError:
            done(None)
        except Exception:  # noqa: BLE001 - one failed request must not take the supervisor down; the log has the trace
            _log.exception("a call of AWS Backup failed")
            done(errors.failure(request, "backup", 500))
        else:
            done(Response(200, [(b"content-type", b"application/json")], json.dumps(document).encode()))

    # Backups.

    async def _start_backup(self, call: _Call) -> dict[str, Any]:
        vault, resource = call.body.get("BackupVaultName", ""), call.body.get("ResourceArn", "")
        role = call.body.get("IamRoleArn", "")
        await self._require_vault(call.region, vault)
        if ":dynamodb:" not in resource:
            raise _Refusal("InvalidParameterValueException", f"The sandbox backs up DynamoDB tables only: {resource}")
        job = Job(
            "BackupJobId",
            BackupVaultName=vault,
            BackupVaultArn=f"arn:aws:backup:{call.region}:{self._account}:backup-vault:{vault}",
            ResourceArn=resource,
            ResourceType="DynamoDB",
            IamRoleArn=role,
            AccountId=self._account,
            State="RUNNING",
        )
        self._backups[job["BackupJobId"]] = job
        table = resource.rpartition("/")[2]
        try:
            made = await self._ask(call.region, "CreateBackup", TableName=table, BackupName=f"awsbackup-{table}"[:255])
        except _Refusal as refusal:
            raise _Refusal("ResourceNotFoundException", str(refusal)) from None
        arn = made["BackupDetails"]["BackupArn"]
        described = await self._ask(call.region, "DescribeBackup", BackupArn=arn)
        point = RecoveryPoint(
            region=call.region,
            account=self._account,
            vault=vault,
            backup=described["BackupDescription"],
            role=role,
        )
        self._points[point.arn] = point
        job.complete("State", RecoveryPointArn=point.arn, BackupSizeInBytes=point.size)
        return {name: job[name] for name in ("BackupJobId", "RecoveryPointArn", "CreationDate")}

    async def _describe_backup(self, call: _Call) -> dict[str, Any]:
        return self._job(self._backups, call.names[0])

    async def _list_backups(self, call: _Call) -> dict[str, Any]:
        resource = call.query.get("resourceArn")
        found = [job for job in self._backups.values() if resource in (None, job["ResourceArn"])]
        return {"BackupJobs": [job for job in found if f":{call.region}:" in job["BackupVaultArn"]]}

    # Recovery points.

    async def _points_of_vault(self, call: _Call) -> dict[str, Any]:
        await self._require_vault(call.region, call.names[0])
        resource = call.query.get("resourceArn")
        found = [
            point.description()
            for point in self._points.values()
            if (point.region, point.vault) == (call.region, call.names[0]) and resource in (None, point.resource)
        ]
        return {"RecoveryPoints": found}

    async def _points_of_resource(self, call: _Call) -> dict[str, Any]:
        found = [
            point.description()
            for point in self._points.values()
            if point.region == call.region and point.resource == call.names[0]
        ]
        return {"RecoveryPoints": found}

    async def _describe_point(self, call: _Call) -> dict[str, Any]:
        return self._point(call.region, call.names[1], call.names[0]).description()

    async def _restore_metadata(self, call: _Call) -> dict[str, Any]:
        point = self._point(call.region, call.names[1], call.names[0])
        return {
            "BackupVaultArn": point.vault_arn,
            "RecoveryPointArn": point.arn,
            "RestoreMetadata": point.restore_metadata(),
            "ResourceType": "DynamoDB",
        }

    async def _delete_point(self, call: _Call) -> dict[str, Any]:
        point = self._point(call.region, call.names[1], call.names[0])
        await self._ask(point.region, "DeleteBackup", BackupArn=point.backup_arn)
        del self._points[point.arn]
        return {}

    async def _protected(self, call: _Call) -> dict[str, Any]:
        last = {point.resource: point for point in self._points.values() if point.region == call.region}
        found = [
            {
                "ResourceArn": arn,
                "ResourceType": "DynamoDB",
                "ResourceName": point.table,
                "LastBackupTime": point.created,
            }
            for arn, point in last.items()
        ]
        return {"Results": found}

    # Restores.

    async def _start_restore(self, call: _Call) -> dict[str, Any]:
        point = self._point(call.region, call.body.get("RecoveryPointArn", ""))
        metadata = call.body.get("Metadata") or {}
        target = metadata.get("targetTableName")
        if not target:
            raise _Refusal("InvalidParameterValueException", "Metadata must have targetTableName")
        job = Job(
            "RestoreJobId",
            RecoveryPointArn=point.arn,
            SourceResourceArn=point.resource,
            BackupVaultArn=point.vault_arn,
            AccountId=self._account,
            IamRoleArn=call.body.get("IamRoleArn", ""),
            ResourceType="DynamoDB",
            BackupSizeInBytes=point.size,
            Status="RUNNING",
        )
        self._restores[job["RestoreJobId"]] = job
        options: dict[str, Any] = {}
        if metadata.get("encryptionType", "").upper() == "KMS":
            key = metadata.get("kmsMasterKeyArn")
            options["SSESpecificationOverride"] = {"Enabled": True, "SSEType": "KMS"} | (
                {"KMSMasterKeyId": key} if key else {}
            )
        try:
            made = await self._ask(
                call.region, "RestoreTableFromBackup", TargetTableName=target, BackupArn=point.backup_arn, **options
            )
        except _Refusal as refusal:
            job.fail("Status", str(refusal))
        else:
            job.complete("Status", CreatedResourceArn=made["TableDescription"]["TableArn"])
        return {"RestoreJobId": job["RestoreJobId"]}

    async def _describe_restore(self, call: _Call) -> dict[str, Any]:
        return self._job(self._restores, call.names[0])

    async def _list_restores(self, call: _Call) -> dict[str, Any]:
        return {"RestoreJobs": [job for job in self._restores.values() if f":{call.region}:" in job["BackupVaultArn"]]}

    # Copies.

    async def _start_copy(self, call: _Call) -> dict[str, Any]:
        point = self._point(call.region, call.body.get("RecoveryPointArn", ""))
        destination = call.body.get("DestinationBackupVaultArn", "")
        parts = destination.split(":")
        if len(parts) != 7 or parts[5] != "backup-vault":
            raise _Refusal("InvalidParameterValueException", f"Not the ARN of a backup vault: {destination}")
        region, vault = parts[3], parts[6]
        await self._require_vault(region, vault)
        job = Job(
            "CopyJobId",
            SourceRecoveryPointArn=point.arn,
            SourceBackupVaultArn=point.vault_arn,
            DestinationBackupVaultArn=destination,
            ResourceArn=point.resource,
            ResourceType="DynamoDB",
            AccountId=self._account,
        )
        self._copies[job["CopyJobId"]] = job
        copied = await self._control.ask("copy-backup", source=call.region, target=region, arn=point.backup_arn)
        copy = RecoveryPoint(
            region=region, account=self._account, vault=vault, backup=copied, role=call.body.get("IamRoleArn", "")
        )
        copy.copied_from, copy.resource = point.vault_arn, point.resource
        self._points[copy.arn] = copy
        job.complete("State", DestinationRecoveryPointArn=copy.arn, BackupSizeInBytes=copy.size)
        return {"CopyJobId": job["CopyJobId"], "CreationDate": job["CreationDate"]}

    async def _describe_copy(self, call: _Call) -> dict[str, Any]:
        return {"CopyJob": self._job(self._copies, call.names[0])}

    # What stands behind it.

    def _point(self, region: str, arn: str, vault: str | None = None) -> RecoveryPoint:
        point = self._points.get(arn)
        if point is None or point.region != region or vault not in (None, point.vault):
            raise _Refusal("ResourceNotFoundException", f"Recovery point not found: {arn}")
        return point

    @staticmethod
    def _job(jobs: dict[str, Job], identifier: str) -> Job:
        if identifier not in jobs:
            raise _Refusal("ResourceNotFoundException", f"Job not found: {identifier}")
        return jobs[identifier]

    async def _require_vault(self, region: str, vault: str) -> None:
        headers = [*_headers(region, "backup"), (b"content-type", b"application/json")]
        request = Request(b"GET", f"/backup-vaults/{quote(vault)}".encode(), headers, b"")
        response = await self._aws.ask(request)
        if response.status != 200:
            raise _Refusal("ResourceNotFoundException", f"Backup vault not found: {vault}")

    async def _ask(self, region: str, operation: str, **parameters: Any) -> dict[str, Any]:
        headers = [
            *_headers(region, "dynamodb"),
            (b"content-type", b"application/x-amz-json-1.0"),
            (b"x-amz-target", b"DynamoDB_20120810." + operation.encode()),
        ]
        response = await self._dynamodb.ask(Request(b"POST", b"/", headers, json.dumps(parameters).encode()))
        document: dict[str, Any] = json.loads(response.body)
        if response.status != 200:
            raise _Refusal("InvalidRequestException", document.get("message") or str(document))
        return document


def _headers(region: str, service: str) -> list[tuple[bytes, bytes]]:
    scope = f"AWS4-HMAC-SHA256 Credential=sandbox/20200101/{region}/{service}/aws4_request, SignedHeaders=host"
    host = f"{service}.{region}.amazonaws.com"
    return [(b"host", host.encode()), (b"authorization", f"{scope}, Signature=0".encode())]
