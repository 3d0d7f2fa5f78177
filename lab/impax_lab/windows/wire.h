/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wire.h - frames over a loopback TCP connection: 1 byte kind, 4 bytes little-endian length, payload.
 * Text in a payload is UTF-8, each field ended by NUL.
 */
#ifndef UNICODE
#define UNICODE
#define _UNICODE
#endif
#include <winsock2.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct text { char *data; unsigned size, room; };

static inline void add(struct text *t, const WCHAR *s)
{
    int n = WideCharToMultiByte(CP_UTF8, 0, s, -1, NULL, 0, NULL, NULL);
    if (t->size + n > t->room) t->data = realloc(t->data, t->room = 2 * (t->size + n));
    WideCharToMultiByte(CP_UTF8, 0, s, -1, t->data + t->size, n, NULL, NULL);
    t->size += n;
}

static inline WCHAR *wide(const char *utf8)                       /* the caller frees it */
{
    int n = MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0);
    WCHAR *s = malloc(n * sizeof *s);
    MultiByteToWideChar(CP_UTF8, 0, utf8, -1, s, n);
    return s;
}

/* A connection to 127.0.0.1:port that child processes do not inherit, or INVALID_SOCKET. */
static SOCKET dial(unsigned port)
{
    SOCKET s;
    WSADATA wsa;
    struct sockaddr_in to = { 0 };
    int now = 1;

    WSAStartup(MAKEWORD(2, 2), &wsa);
    s = socket(AF_INET, SOCK_STREAM, 0);
    SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, 0);
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char *)&now, sizeof now);
    to.sin_family = AF_INET;
    to.sin_port = htons((u_short)port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (port && !connect(s, (struct sockaddr *)&to, sizeof to)) return s;
    closesocket(s);
    return INVALID_SOCKET;
}

static int send_all(SOCKET s, const char *data, unsigned size)
{
    while (size > 0) {
        int n = send(s, data, (int)size, 0);
        if (n <= 0) return 0;
        data += n; size -= n;
    }
    return 1;
}

static int send_frame(SOCKET s, char kind, const void *data, unsigned size)
{
    char head[5] = { kind, (char)size, (char)(size >> 8), (char)(size >> 16), (char)(size >> 24) };
    return send_all(s, head, 5) && send_all(s, data, size);
}

static int recv_all(SOCKET s, char *data, unsigned size)
{
    while (size > 0) {
        int n = recv(s, data, (int)size, 0);
        if (n <= 0) return 0;
        data += n; size -= n;
    }
    return 1;
}

/* The next frame; its payload, with a NUL behind it, replaces *block. 0 at the end of the connection. */
static int recv_frame(SOCKET s, char *kind, char **block, unsigned *size)
{
    char head[5];
    if (!recv_all(s, head, 5)) return 0;
    *kind = head[0];
    memcpy(size, head + 1, 4);
    *block = realloc(*block, *size + 1);
    (*block)[*size] = 0;
    return recv_all(s, *block, *size);
}

static inline void write_all(HANDLE out, const char *data, DWORD size)
{
    DWORD n;
    while (size > 0 && WriteFile(out, data, size, &n, NULL)) { data += n; size -= n; }
}
