# SPDX-License-Identifier: GPL-3.0-or-later
"""The 36 sections of the vendor's text on preparing for IMPAX 6.5.1: what each is about, and where it applies. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SITE = "site"  # a section of the whole site, and the station of such a row
EVERY = "every_station"

DATABASES = ("as3000", "as300_sqlserver", "as300_oracle")
NEW_STATIONS = (
    "single_host",
    *DATABASES,
    "archive_server",
    "network_gateway",
    "application_server",
    "curator",
)
SERVER_TYPES = (
    *DATABASES,
    "single_host",
    "application_server",
    "archive_server",
    "network_gateway",
    "curator",
    "installation_server",
    "connectivity_manager",
    "traveling_server",
)

# Groups of an inventory that are no server types: Ansible's own, sides of a migration, stations that only help.
HELPER_GROUPS = ("all", "ungrouped", "verify", "old_cluster", "new_cluster", "windows", "solaris")


@dataclass(frozen=True)
class Section:
    """id: S01..S36. title: ours. server_types: groups of the inventory, or (SITE,), or (EVERY,).

    action: the module that does it; None: not implemented yet.
    """

    id: str
    title: str
    stage: str
    server_types: tuple[str, ...]
    action: str | None = None


_WINDOWS_DB = ("as300_sqlserver", "as300_oracle")

SECTIONS = (
    Section("S01", "Software that has to be upgraded first", "assess", (SITE,)),
    Section("S02", "System requirements and the time to the first image", "assess", (EVERY,)),
    Section("S03", "IMPAX 6.5.1 on new servers", "install", NEW_STATIONS),
    Section("S04", "SQL Server 2008 on a new Windows database server", "install", ("as300_sqlserver",)),
    Section("S05", "SQL Server 2008 services stopped", "install", ("as300_sqlserver",)),
    Section("S06", "Service Pack 1 for SQL Server 2008", "install", ("as300_sqlserver",)),
    Section("S07", "Migration Toolbox on Windows", "install", (*_WINDOWS_DB, "application_server")),
    Section("S08", "Migration Toolbox on Solaris", "install", ("as3000",)),
    Section("S09", ".NET Framework 3.5 SP1 for the client installer", "install", ("installation_server",)),
    Section("S10", "Dictation interlock: whether the site needs it", "interlock", (SITE,)),
    Section("S11", "Dictation interlock: components in place", "interlock", ("application_server",)),
    Section("S12", "Dictation interlock: firewall exception", "interlock", ("application_server",)),
    Section("S13", "Dictation interlock: relay role and user", "interlock", ("application_server",)),
    Section("S14", "Dictation interlock: relay service configured", "interlock", ("application_server",)),
    Section("S15", "Dictation interlock: relay running", "interlock", ("application_server",)),
    Section("S16", "Pre-migration schema on AS300", "schema", _WINDOWS_DB, "mig_schema"),
    Section("S17", "Pre-migration schema on AS3000", "schema", ("as3000",), "mig_schema"),
    Section("S18", "Tablespace room, Oracle for Windows", "schema", ("as300_oracle",), "monitor_add"),
    Section("S19", "Tablespace room, Oracle on Solaris", "schema", ("as3000",), "monitor_add"),
    Section("S20", "Study archiving report, Windows", "schema", _WINDOWS_DB, "study_archive_report"),
    Section("S21", "Study archiving report, Solaris", "schema", ("as3000",), "study_archive_report"),
    Section("S22", "Health of the operating systems that stay", "assess", (EVERY,)),
    Section("S23", "Integrity of the database's rows", "assess", DATABASES, "integrity"),
    Section("S24", "Traveling server brought in", "traveling", ("traveling_server",)),
    Section("S25", "Where the reports come from", "assess", ("connectivity_manager",), "report_source"),
    Section("S26", "Software repository from an ISO image", "repository", ("as3000",)),
    Section("S27", "Software repository from DVDs", "repository", ("as3000",)),
    Section(
        "S28", "Application server configuration saved", "protect", ("application_server",), "configuration_backup"
    ),
    Section("S29", "Old RMAN backups cleaned up", "backup", ("as3000", "as300_oracle"), "rman"),
    Section("S30", "Database backup, SQL Server 2000", "backup", ("as300_sqlserver",), "database_backup"),
    Section("S31", "Database backup, SQL Server 2005 and later", "backup", ("as300_sqlserver",), "database_backup"),
    Section("S32", "Database backup, Oracle for Windows", "backup", ("as300_oracle",), "database_backup"),
    Section("S33", "Database backup, Oracle on Solaris", "backup", ("as3000",), "database_backup"),
    Section("S34", "Audit table saved, AS3000 with Oracle", "audit", ("as3000",), "audit_table"),
    Section("S35", "Audit table saved, AS300 with Oracle", "audit", ("as300_oracle",), "audit_table"),
    Section("S36", "Audit table saved, AS300 with SQL Server", "audit", ("as300_sqlserver",), "audit_table"),
)

BY_ID = {section.id: section for section in SECTIONS}
