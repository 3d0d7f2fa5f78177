/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one program that stands on a Unix station under every name. It asks the station's process what to do.
 *
 * Request, on the unix socket /var/run/.station:
 *   "STN1", u32 length, then fields ended by NUL: uid, pid, working folder, number n, n variables, the words.
 *   Descriptors 0, 1 and 2 travel along (SCM_RIGHTS): the station reads and writes the caller's own streams.
 * Orders, as often as they come: u8 kind, u8 value, u16 length, payload
 *   kind 0  exit with `value`
 *   kind 1  die of signal `value`
 *   kind 2  run a real program and say how it ended; payload: its path and its words, each ended by NUL. Three
 *           descriptors may come along for it. value 1: it ignores SIGHUP (nohup).
 * Messages back: 'S' signal (one that reached us), 'X' code, 'K' signal (how the real program ended).
 *
 * Built by musl-gcc -static: the station has no C library.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATION "/var/run/.station"

extern char **environ;

static int station = -1;
static volatile pid_t child;
static char *request;
static size_t used, room;

static void die(const char *what)
{
	dprintf(2, "relay: %s: %s\n", what, strerror(errno));
	_exit(126);
}

static void put(const char *bytes, size_t length)
{
	if (used + length > room) {
		room = (used + length) * 2;
		if (!(request = realloc(request, room)))
			die("memory");
	}
	memcpy(request + used, bytes, length);
	used += length;
}

static void put_text(const char *text)
{
	put(text, strlen(text) + 1);
}

static void put_number(long number)
{
	char text[32];
	sprintf(text, "%ld", number);
	put_text(text);
}

static void tell(char what, unsigned char value)
{
	char message[2] = { what, (char)value };
	(void)!send(station, message, 2, MSG_NOSIGNAL);
}

static void caught(int number)
{
	int kept = errno;
	if (child > 0)
		kill(child, number);
	else
		tell('S', number);
	errno = kept;
}

/* A signal that the caller ignores (nohup) stays ignored. */
static void listen_to_signals(void)
{
	int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };
	struct sigaction ours = { .sa_handler = caught, .sa_flags = SA_RESTART }, before;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		sigaction(numbers[i], NULL, &before);
		if (before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &ours, NULL);
	}
}

static void compose(int count, char **words)
{
	char folder[4096];
	int variables = 0;
	put("STN1\0\0\0\0", 8);
	put_number(getuid());
	put_number(getpid());
	put_text(getcwd(folder, sizeof folder) ? folder : "/");
	while (environ[variables])
		variables++;
	put_number(variables);
	for (int i = 0; i < variables; i++)
		put_text(environ[i]);
	for (int i = 0; i < count; i++)
		put_text(words[i]);
	unsigned length = htonl(used - 8);
	memcpy(request + 4, &length, 4);
}

static void send_request(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int streams[3] = { 0, 1, 2 };
	union { char bytes[CMSG_SPACE(sizeof streams)]; struct cmsghdr align; } control;
	struct iovec data = { request, used };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
	struct cmsghdr *rights;

	strcpy(address.sun_path, STATION);
	if ((station = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		die("socket");
	if (connect(station, (void *)&address, sizeof address))
		die("the station is down");
	memset(&control, 0, sizeof control);
	rights = CMSG_FIRSTHDR(&message);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof streams);
	memcpy(CMSG_DATA(rights), streams, sizeof streams);
	ssize_t sent = sendmsg(station, &message, MSG_NOSIGNAL);
	if (sent < 0)
		die("send");
	for (size_t done = sent; done < used; done += sent)
		if ((sent = send(station, request + done, used - done, MSG_NOSIGNAL)) < 0)
			die("send");
}

/* Exactly `length` bytes, with the descriptors that came along (or -1). */
static void receive(void *into, size_t length, int streams[3])
{
	size_t got = 0;
	while (got < length) {
		union { char bytes[CMSG_SPACE(3 * sizeof(int))]; struct cmsghdr align; } control;
		struct iovec data = { (char *)into + got, length - got };
		struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
			.msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
		ssize_t now = recvmsg(station, &message, MSG_CMSG_CLOEXEC);
		if (now < 0 && errno == EINTR)
			continue;
		if (now <= 0) {
			errno = ECONNRESET;
			die("the station went away");
		}
		struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
		if (rights && streams && rights->cmsg_type == SCM_RIGHTS)
			memcpy(streams, CMSG_DATA(rights), 3 * sizeof(int));
		got += now;
	}
}

static void run_real(char *payload, unsigned length, int no_hangup, int streams[3])
{
	char **words = calloc(length + 2, sizeof *words);
	int count = 0, status;
	for (char *at = payload; at < payload + length; at += strlen(at) + 1)
		words[count++] = at;
	pid_t started = fork();
	if (started == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i < 3; i++)
			if (streams[i] >= 0)
				dup2(streams[i], i);
		if (no_hangup)
			signal(SIGHUP, SIG_IGN);
		execvp(words[0], words + 1);
		dprintf(2, "%s: %s\n", words[1], errno == ENOENT ? "not found" : strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (started < 0)
		die("fork");
	child = started;
	for (int i = 0; i < 3; i++)
		if (streams[i] >= 0)
			close(streams[i]);
	while (waitpid(started, &status, 0) < 0 && errno == EINTR)
		;
	child = 0;
	if (WIFSIGNALED(status))
		tell('K', WTERMSIG(status));
	else
		tell('X', WEXITSTATUS(status));
	free(words);
}

int main(int count, char **words)
{
	compose(count, words);
	send_request();
	listen_to_signals();
	for (;;) {
		unsigned char order[4];
		int streams[3] = { -1, -1, -1 };
		receive(order, sizeof order, streams);
		unsigned length = order[2] << 8 | order[3];
		char *payload = malloc(length + 1);
		if (!payload)
			die("memory");
		receive(payload, length, NULL);
		payload[length] = 0;
		if (order[0] == 0)
			_exit(order[1]);
		if (order[0] == 1) {
			signal(order[1], SIG_DFL);
			kill(getpid(), order[1]);
			pause();
		}
		run_real(payload, length, order[1], streams);
		free(payload);
	}
}
