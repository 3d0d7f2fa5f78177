# SPDX-License-Identifier: GPL-3.0-or-later
"""What SQL Server says of backups. Texts: Books Online, "Database Engine Events and Errors" (3000 to 3999), of 2005 and 2008;
those of SQL Server 2000, from its sysmessages, are `assumed` where no public output shows them."""

from __future__ import annotations

# number: (level, state, text)
MESSAGES: dict[int, tuple[int, int, str]] = {
    1844: (16, 1, "{0} is not supported on {1}."),
    3013: (16, 1, "{0} is terminating abnormally."),
    3021: (16, 0, "Cannot perform a backup or restore operation within a transaction."),
    3024: (16, 0, "You can only perform a full backup of the master database. Use BACKUP DATABASE to back up the entire master"
           " database."),
    3031: (16, 1, "Option '{0}' conflicts with option(s) '{1}'. Remove the conflicting option and reissue the statement."),
    3032: (16, 2, "One or more of the options ({0}) are not supported for this statement. Review the documentation for supported"
           " options."),
    3035: (16, 1, "Cannot perform a differential backup for database \"{0}\", because a current database backup does not exist."
           " Perform a full database backup by reissuing BACKUP DATABASE, omitting the WITH DIFFERENTIAL option."),
    3043: (16, 1, "BACKUP '{0}' detected an error on page ({1}:{2}) in file '{3}'."),
    3044: (16, 1, "Invalid zero-length device name. Reissue the BACKUP statement with a valid device name."),
    3132: (16, 1, "The media set has {0} media families but only {1} are provided. All members must be provided."),
    3147: (16, 3, "Backup and restore operations are not allowed on database tempdb."),
    3187: (16, 1, "RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information."),
    3189: (16, 1, "Damage to the backup set was detected."),
    3201: (16, 1, "Cannot open backup device '{0}'. Operating system error {1}."),
    3202: (16, 1, "Write on \"{0}\" failed: {1}"),
    3203: (16, 1, "Read on \"{0}\" failed: {1}"),
    3206: (16, 1, "Backup device '{0}' does not exist. To view existing backup devices, use the sys.backup_devices catalog view. To"
           " create a new backup device use either sp_addumpdevice or SQL Server Management Studio."),
    3208: (16, 1, "Unexpected end of file while reading beginning of backup set. Confirm that the media contains a valid SQL Server"
           " backup set, and see the console error log for more details."),
    3217: (16, 1, "Invalid value specified for {0} parameter."),
    3231: (16, 1, "The media loaded on \"{0}\" is formatted to support {1} media families, but {2} media families are expected"
           " according to the backup device specification."),
    3241: (16, 0, "The media family on device '{0}' is incorrectly formed. SQL Server cannot process this media family."),
    3242: (16, 2, "The file on device '{0}' is not a valid Microsoft Tape Format backup set."),
    3254: (16, 1, "The volume on device '{0}' is empty."),
    3256: (16, 1, "The backup set on device '{0}' was terminated while it was being created and is incomplete. RESTORE sequence is"
           " terminated abnormally."),
    3258: (16, 1, "The volume on the device \"{0}\" is not part of the media set that is currently being processed. Ensure that the"
           " backup devices are loaded with the correct media."),
    3266: (16, 1, "The backup data at the end of \"{0}\" is incorrectly formatted. Backup sets on the media might be damaged and"
           " unusable. To determine the backup sets on the media, use RESTORE HEADERONLY. To determine the usability of the backup"
           " sets, run RESTORE VERIFYONLY. If all of the backup sets are incomplete, reformat the media using BACKUP WITH FORMAT,"
           " which destroys all the backup sets."),
    3271: (16, 1, "A nonrecoverable I/O error occurred on file \"{0}:\" {1}."),
    4030: (16, 1, "The medium on device '{0}' expires on {1} and cannot be overwritten."),
    4038: (16, 1, "Cannot find file ID {0} on device '{1}'."),
    4208: (16, 1, "The statement {0} is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery"
           " model using ALTER DATABASE."),
    4214: (16, 1, "BACKUP LOG cannot be performed because there is no current database backup."),
}  # fmt: skip
OLD_TEXTS = {  # SQL Server 2000
    3035: "Cannot perform a differential backup for database '{0}', because a current database backup does not exist. Perform a full"
          " database backup by reissuing BACKUP DATABASE, omitting the WITH DIFFERENTIAL option.",
    3132: "The media set for database has {0} family members but only {1} are provided. All members must be provided.",
    3201: "Cannot open backup device '{0}'. Device error or device off-line. See the SQL Server error log for more details.",
    3202: "Write on '{0}' failed, status = {2}. See the SQL Server error log for more details.",
    3203: "Read on '{0}' failed, status = {2}. See the SQL Server error log for more details.",
    3206: "No entry in sysdevices for backup device '{0}'. Update sysdevices and rerun statement.",
    3271: "Nonrecoverable I/O error occurred on file '{0}'.",
}  # fmt: skip
# told while it works; a level of 10 reaches the client as 0
PERCENT, PROCESSED, DONE, VALID = 3211, 4035, 3014, 3262
SYSTEM_TEXTS = {  # Windows
    2: "The system cannot find the file specified.",
    3: "The system cannot find the path specified.",
    5: "Access is denied.",
    32: "The process cannot access the file because it is being used by another process.",
    38: "Reached the end of the file.",
    53: "The network path was not found.",
    112: "There is not enough space on the disk.",
    123: "The filename, directory name, or volume label syntax is incorrect.",
    1117: "The request could not be performed because of an I/O device error.",
}


def system_error(number: int) -> str:
    """112(There is not enough space on the disk.)"""
    return f"{number}({SYSTEM_TEXTS[number]})"
