/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * su [-] [USER [-c COMMAND]]: the account's shell under the account's numbers. A station is one user of the host, so
 * its accounts are user name spaces, nested: id and ps then tell them apart. From another account than root a password
 * would be asked: answered "Sorry", as no terminal is there to type one.
 *
 * Environment and messages as in su(1M) of Solaris 10: "-" clears it, then HOME, LOGNAME, PATH, SHELL, TZ.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char line[1024], *field[7];

static int find(const char *user)
{
	FILE *file = fopen("/etc/passwd", "r");
	while (file && fgets(line, sizeof line, file)) {
		char *rest = line;
		line[strcspn(line, "\n")] = 0;
		for (int i = 0; i < 7; i++)
			field[i] = strsep(&rest, ":");
		if (field[6] && !strcmp(field[0], user)) {
			fclose(file);
			return 1;
		}
	}
	if (file)
		fclose(file);
	return 0;
}

static int map(const char *file, const char *inside, int outside)
{
	char text[64];
	int handle = open(file, O_WRONLY), length = sprintf(text, "%s %d 1", inside, outside);
	int ok = handle >= 0 && write(handle, text, length) == length;
	if (handle >= 0)
		close(handle);
	return ok;
}

static void become(void)
{
	int uid = getuid(), gid = getgid(), handle;
	if (unshare(CLONE_NEWUSER)) {
		perror("su: user name space");
		_exit(1);
	}
	if ((handle = open("/proc/self/setgroups", O_WRONLY)) >= 0) {
		(void)!write(handle, "deny", 4);
		close(handle);
	}
	if (!map("/proc/self/uid_map", field[2], uid) || !map("/proc/self/gid_map", field[3], gid)) {
		perror("su: user name space");
		_exit(1);
	}
}

static void fresh_environment(const char *user)
{
	const char *zone = getenv("TZ");
	char kept[128];
	snprintf(kept, sizeof kept, "%s", zone ? zone : "GMT");
	clearenv();
	setenv("HOME", field[5], 1);
	setenv("LOGNAME", user, 1);
	setenv("PATH", strcmp(user, "root") ? "/usr/bin:" : "/usr/sbin:/usr/bin", 1);
	setenv("SHELL", field[6], 1);
	setenv("TZ", kept, 1);
	if (chdir(field[5]))
		dprintf(2, "su: No directory! Using home=/\n");
}

int main(int count, char **words)
{
	int at = 1, login = 0;
	const char *user = "root";
	char name[64];

	if (at < count && !strcmp(words[at], "-"))
		login = 1, at++;
	if (at < count && words[at][0] != '-')
		user = words[at++];
	if (!find(user)) {
		dprintf(2, "su: Unknown id: %s\n", user);
		return 1;
	}
	if (getuid() != 0) {
		dprintf(2, "su: Sorry\n");
		return 1;
	}
	if (strcmp(user, "root"))
		become();
	if (login)
		fresh_environment(user);
	const char *shell = field[6][0] ? field[6] : "/bin/sh", *base = strrchr(shell, '/');
	snprintf(name, sizeof name, "%s%s", login ? "-" : "", base ? base + 1 : shell);
	words[--at] = name;
	execv(shell, words + at);
	perror(shell);
	return 127;
}
