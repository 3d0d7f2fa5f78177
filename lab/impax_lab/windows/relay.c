/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * relay.c - the one small PE that stands in for every program of a simulated station. It hands its words, folder,
 * environment and standard streams to the station's process and ends with the exit code that it is told.
 *
 *   to the station:   H  token, "call", program path, folder, raw command line, argv[0..]
 *                     N  environment, NAME=VALUE each
 *                     I  bytes of stdin         E  stdin has ended
 *   from the station: O  bytes for stdout       X  bytes for stderr       Q  exit code, 4 bytes
 *                     R  4 bytes: read at most so much of stdin and send it as I or E. Nothing is read unasked: a
 *                        program that ignores its stdin leaves it to the next one.
 * The station is found by C:\windows\relay.conf ("port token"): detached jobs have no environment to find it by.
 */
#include "wire.h"

int _dowildcard = 0;                       /* '*' in a word stays '*', as with the programs of the vendor */
#define NO_STATION 9009                    /* cmd.exe's code for a program that is not there */

static void read_stdin(SOCKET station, DWORD most)
{
    char *block = malloc(most);
    DWORD n = 0;
    if (ReadFile(GetStdHandle(STD_INPUT_HANDLE), block, most, &n, NULL) && n > 0) send_frame(station, 'I', block, n);
    else send_frame(station, 'E', "", 0);
    free(block);
}

static SOCKET find_station(WCHAR *token, DWORD room)
{
    char conf[200] = "", word[100] = "";
    unsigned port = 0;
    DWORD n = 0;
    HANDLE f = CreateFileW(L"C:\\windows\\relay.conf", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                           OPEN_EXISTING, 0, NULL);
    if (f == INVALID_HANDLE_VALUE) return INVALID_SOCKET;
    ReadFile(f, conf, sizeof conf - 1, &n, NULL);
    CloseHandle(f);
    sscanf(conf, "%u %99s", &port, word);
    MultiByteToWideChar(CP_UTF8, 0, word, -1, token, (int)room);
    return dial(port);
}

static void introduce(SOCKET station, const WCHAR *token, int argc, WCHAR **argv)
{
    static WCHAR folder[32768], program[32768];
    struct text hello = { 0 }, env = { 0 };
    WCHAR *e;
    int i;

    GetModuleFileNameW(NULL, program, 32768);
    GetCurrentDirectoryW(32768, folder);
    add(&hello, token); add(&hello, L"call"); add(&hello, program); add(&hello, folder); add(&hello, GetCommandLineW());
    for (i = 0; i < argc; i++) add(&hello, argv[i]);
    for (e = GetEnvironmentStringsW(); *e; e += wcslen(e) + 1) add(&env, e);
    send_frame(station, 'H', hello.data, hello.size);
    send_frame(station, 'N', env.data, env.size);
}

int wmain(int argc, WCHAR **argv)
{
    WCHAR token[100] = L"";
    SOCKET station = find_station(token, 100);
    char kind, *block = NULL;
    unsigned size, word;

    if (station == INVALID_SOCKET) {
        fprintf(stderr, "relay: the station of %ls is not up\n", argv[0]);
        return NO_STATION;
    }
    introduce(station, token, argc, argv);
    while (recv_frame(station, &kind, &block, &size)) {
        if (kind == 'O') write_all(GetStdHandle(STD_OUTPUT_HANDLE), block, size);
        if (kind == 'X') write_all(GetStdHandle(STD_ERROR_HANDLE), block, size);
        if (kind == 'R') { memcpy(&word, block, 4); read_stdin(station, word); }
        if (kind == 'Q') { memcpy(&word, block, 4); ExitProcess(word); }
    }
    fprintf(stderr, "relay: the station hung up on %ls\n", argv[0]);
    return NO_STATION;
}
