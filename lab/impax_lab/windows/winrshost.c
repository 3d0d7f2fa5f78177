/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * winrshost.c - the process behind one remote shell, as winrshost.exe behind a real WinRM service: it owns the shell's
 * console and starts the shell's commands, each in a job object of its own. When it dies, so do they.
 *
 * Started by the station as "wine64 C:\windows\winrshost.exe" with WINRS_HOST = "port token id codepage". It starts
 * itself once more with CREATE_NO_WINDOW, which gives it a console without a window, so that chcp and the code page
 * are real; the first one ends then. A command line goes to CreateProcessW untouched.
 *
 * Control connection:  to the station  H  token, "control", id
 *                      from it         N  variables of the shell, NAME=VALUE each; NAME= takes one out
 *                                      S  start: command id, folder, command line; =LAB is set to the id
 *                                      T  terminate: command id
 * Per command:         to the station  H  token, "command", id, command id
 *                                      B  begun, or F  CreateProcessW's error, 4 bytes
 *                                      O  bytes of stdout      X  of stderr             Q  exit code, 4 bytes
 *                      from it         I  bytes for stdin      E  stdin ends
 */
#include "wire.h"

#define GRACE_MS 500          /* for output that is still in a pipe, or held open by "start /b", after the end */

struct command {
    char *id, *folder, *line;
    SOCKET station;
    CRITICAL_SECTION sending;
    HANDLE job, process, in, out, err;
    struct command *next;
};
struct pump { struct command *command; HANDLE pipe; char kind; };

static unsigned port, codepage;
static char token[100], shell_id[100];
static struct command *commands;
static CRITICAL_SECTION table, starting;

static void say(struct command *c, char kind, const void *data, unsigned size)
{
    EnterCriticalSection(&c->sending);
    send_frame(c->station, kind, data, size);
    LeaveCriticalSection(&c->sending);
}

static SOCKET introduce(const char *role, const char *id)
{
    char hello[400];
    unsigned size = 0;
    SOCKET s = dial(port);

    if (s == INVALID_SOCKET) return s;
    size += sprintf(hello + size, "%s", token) + 1;
    size += sprintf(hello + size, "%s", role) + 1;
    size += sprintf(hello + size, "%s", shell_id) + 1;
    size += sprintf(hello + size, "%s", id) + 1;
    send_frame(s, 'H', hello, size);
    return s;
}

static DWORD WINAPI pump_output(void *argument)
{
    struct pump *p = argument;
    char block[32768];
    DWORD n;

    while (ReadFile(p->pipe, block, sizeof block, &n, NULL) && n > 0) say(p->command, p->kind, block, n);
    return 0;
}

static DWORD WINAPI pump_input(void *argument)
{
    struct command *c = argument;
    char kind, *block = NULL;
    unsigned size;

    while (recv_frame(c->station, &kind, &block, &size)) {
        if (kind == 'I' && c->in) write_all(c->in, block, size);
        if (kind == 'E' && c->in) { CloseHandle(c->in); c->in = NULL; }
    }
    if (c->in) { CloseHandle(c->in); c->in = NULL; }
    TerminateJobObject(c->job, CONTROL_C_EXIT);          /* nobody listens any more */
    free(block);
    return 0;
}

/* A pipe of which the child inherits just one end. */
static void make_pipe(HANDLE *ours, HANDLE *childs, int child_reads)
{
    SECURITY_ATTRIBUTES heir = { sizeof heir, NULL, TRUE };
    HANDLE r, w;
    CreatePipe(&r, &w, &heir, 65536);
    *ours = child_reads ? w : r;
    *childs = child_reads ? r : w;
    SetHandleInformation(*ours, HANDLE_FLAG_INHERIT, 0);
}

/* 0, or CreateProcessW's error. One at a time: a child must not inherit the pipes of another. */
static DWORD begin(struct command *c)
{
    STARTUPINFOW si = { .cb = sizeof si };
    PROCESS_INFORMATION pi;
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit = { 0 };
    WCHAR *line = wide(c->line), *folder = wide(c->folder), *id = wide(c->id);
    DWORD error = 0;

    c->job = CreateJobObjectW(NULL, NULL);
    limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    SetInformationJobObject(c->job, JobObjectExtendedLimitInformation, &limit, sizeof limit);
    EnterCriticalSection(&starting);
    si.dwFlags = STARTF_USESTDHANDLES;
    make_pipe(&c->in, &si.hStdInput, 1);
    make_pipe(&c->out, &si.hStdOutput, 0);
    make_pipe(&c->err, &si.hStdError, 0);
    SetEnvironmentVariableW(L"=LAB", id);                /* cmd.exe's "set" hides such a name */
    if (CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, *folder ? folder : NULL, &si, &pi)) {
        AssignProcessToJobObject(c->job, pi.hProcess);
        ResumeThread(pi.hThread);
        CloseHandle(pi.hThread);
        c->process = pi.hProcess;
    } else error = GetLastError();
    CloseHandle(si.hStdInput); CloseHandle(si.hStdOutput); CloseHandle(si.hStdError);
    LeaveCriticalSection(&starting);
    free(line); free(folder); free(id);
    return error;
}

static void list(struct command *c, int in)
{
    struct command **p;
    EnterCriticalSection(&table);
    for (p = &commands; *p && *p != c; p = &(*p)->next) ;
    if (in) { c->next = commands; commands = c; }
    else if (*p) *p = c->next;
    LeaveCriticalSection(&table);
}

static void attend(struct command *c)
{
    struct pump out = { c, c->out, 'O' }, err = { c, c->err, 'X' };
    HANDLE pumps[2], input;
    DWORD code;

    list(c, 1);
    say(c, 'B', "", 0);
    pumps[0] = CreateThread(NULL, 0, pump_output, &out, 0, NULL);
    pumps[1] = CreateThread(NULL, 0, pump_output, &err, 0, NULL);
    input = CreateThread(NULL, 0, pump_input, c, 0, NULL);
    WaitForSingleObject(c->process, INFINITE);
    GetExitCodeProcess(c->process, &code);
    if (WaitForMultipleObjects(2, pumps, TRUE, GRACE_MS) == WAIT_TIMEOUT) {
        TerminateJobObject(c->job, CONTROL_C_EXIT);
        WaitForMultipleObjects(2, pumps, TRUE, INFINITE);
    }
    list(c, 0);
    say(c, 'Q', &code, 4);
    shutdown(c->station, SD_BOTH);
    WaitForSingleObject(input, INFINITE);
    CloseHandle(pumps[0]); CloseHandle(pumps[1]); CloseHandle(input); CloseHandle(c->process);
}

static DWORD WINAPI run_command(void *argument)
{
    struct command *c = argument;
    DWORD error;

    InitializeCriticalSection(&c->sending);
    c->station = introduce("command", c->id);
    if (c->station != INVALID_SOCKET) {
        error = begin(c);
        if (error) { say(c, 'F', &error, 4); CloseHandle(c->in); } else attend(c);
        CloseHandle(c->out); CloseHandle(c->err); CloseHandle(c->job);
        closesocket(c->station);
    }
    DeleteCriticalSection(&c->sending);
    free(c->id); free(c);
    return 0;
}

static void start(char *fields)                          /* takes the block over */
{
    struct command *c = calloc(1, sizeof *c);
    c->id = fields;
    c->folder = c->id + strlen(c->id) + 1;
    c->line = c->folder + strlen(c->folder) + 1;
    CloseHandle(CreateThread(NULL, 0, run_command, c, 0, NULL));
}

static void terminate(const char *id)
{
    struct command *c;
    EnterCriticalSection(&table);
    for (c = commands; c; c = c->next)
        if (!strcmp(c->id, id)) TerminateJobObject(c->job, CONTROL_C_EXIT);
    LeaveCriticalSection(&table);
}

static void set_variables(char *block, unsigned size)
{
    char *p;
    for (p = block; p < block + size; p += strlen(p) + 1) {
        WCHAR *name = wide(p), *value = *name ? wcschr(name + 1, L'=') : NULL;
        if (value) { *value++ = 0; SetEnvironmentVariableW(name, *value ? value : NULL); }
        free(name);
    }
}

static int start_inner(void)
{
    static WCHAR self[1024];
    STARTUPINFOW si = { .cb = sizeof si };
    PROCESS_INFORMATION pi;

    SetEnvironmentVariableW(L"WINRS_INNER", L"1");
    GetModuleFileNameW(NULL, self, 1024);
    return !CreateProcessW(self, NULL, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, NULL, &si, &pi);
}

int wmain(void)
{
    char word[300] = "", kind, *block = NULL;
    unsigned size;
    SOCKET control;

    if (!GetEnvironmentVariableA("WINRS_HOST", word, sizeof word)) return 2;
    if (!GetEnvironmentVariableW(L"WINRS_INNER", NULL, 0)) return start_inner();
    SetEnvironmentVariableW(L"WINRS_HOST", NULL);
    SetEnvironmentVariableW(L"WINRS_INNER", NULL);
    if (sscanf(word, "%u %99s %99s %u", &port, token, shell_id, &codepage) != 4) return 2;
    SetConsoleCP(codepage);
    SetConsoleOutputCP(codepage);
    InitializeCriticalSection(&table);
    InitializeCriticalSection(&starting);
    if ((control = introduce("control", "")) == INVALID_SOCKET) return 3;
    while (recv_frame(control, &kind, &block, &size)) {
        if (kind == 'N') set_variables(block, size);
        if (kind == 'T') terminate(block);
        if (kind == 'S') { start(block); block = NULL; }
    }
    ExitProcess(0);                                      /* the jobs close with it */
}
