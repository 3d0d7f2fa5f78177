# SPDX-License-Identifier: GPL-3.0-or-later
"""Unix stations (Solaris 10): a real sshd on loopback, sessions confined to the station's own files."""
