"""Runs the python code of playbook steps, each call in an interpreter of its own.

Three kinds of process, all made from this file:

* the *zygote* is started by the worker, has imported what nearly every step needs, and does
  nothing but fork slots when its standard input says so;
* a *slot* is a fork of the zygote. It keeps one connection to the worker and serves one call
  after the other: it forks a child *ahead of need*, hands the call to it, carries output and
  result back, kills what is left of the child's process group, and forks the next child;
* the *child* is a fork of the slot that runs the code of exactly one call and ends.

A fork costs about a millisecond where a new interpreter costs fifty, and is just as fresh: nothing
that a call does to its interpreter can be seen by another one.

``--once`` runs one call in this very process (no fork on the platform, or an environment that only
a new interpreter obeys): request on standard input, reply in a file.

Wire format between worker and slot: frames of one type byte, a length (4 bytes, big endian) and
that many bytes.

    slot -> worker   H  JSON {pid, version}           once, after connecting
                     W  pid of the child (4 bytes)    a child is ready for the next call
                     O  bytes of standard output      E  bytes of standard error
                     R  a part of the reply           X  JSON {exit, signal, timeout}: the end
    worker -> slot   C  timeout in ms (4 bytes, 0 = none) and the request
                     K  stop the running call

A request is three JSON texts, each after its length (4 bytes): the head, the effective input, the
names of the dispatch context. A reply is one JSON object with one of the members ``result``,
``none``, ``error``, ``exit``, ``refused``.

Works on CPython 3.8 and newer; needs nothing but the standard library.
"""

import ast
import asyncio
import atexit
import base64
import builtins
import dataclasses
import datetime
import decimal
import enum
import errno
import gc
import importlib
import inspect
import io
import json
import keyword
import linecache
import math
import os
import re
import select
import shutil
import signal
import socket
import struct
import sys
import tempfile
import textwrap
import threading
import time
import traceback
import types
import uuid

CODE_NAME = "<step>"
"""File name of the step's code in tracebacks."""

CHUNK = 256 * 1024
DRAIN_LIMIT = 4 * 1024 * 1024
"""How much output is still read after the end of a call from processes that outlived it."""

TICK_MS = 100
"""How often a slot looks whether a child that is silent is still there."""

MISSING = object()

# Code may replace members of modules that this file uses as well; replies must not depend on it.
dumps, loads, pack = json.dumps, json.loads, struct.pack


# --------------------------------------------------------------------------------------------
# Results as JSON
# --------------------------------------------------------------------------------------------


class NotJson(Exception):
    """A result that cannot be converted; the text says why."""


def key_text(key):
    """The text of a map key, or NotJson."""
    if isinstance(key, enum.Enum):
        key = key.value
    if isinstance(key, str):
        return str(key)
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, (int, float)):
        return repr(key)
    if isinstance(key, (datetime.date, datetime.time)):
        return key.isoformat()
    if isinstance(key, (decimal.Decimal, uuid.UUID)):
        return str(key)
    raise NotJson("a key of type %s cannot be text" % type(key).__name__)


def convert(value):
    """One level of what the json module does not know."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        try:
            return sorted(value)
        except TypeError:
            # The order of a set differs from process to process; that of texts does not.
            return sorted(value, key=lambda item: (type(item).__name__, repr(item)))
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode("ascii")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return str(value)


def plain(value, above=()):
    """The slow and complete conversion: NaN, keys of every kind, circles."""
    if isinstance(value, enum.Enum):
        return plain(value.value, above)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if id(value) in above:
        raise NotJson("it contains itself")
    if isinstance(value, dict):
        inner = above + (id(value),)
        return {key_text(key): plain(item, inner) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        inner = above + (id(value),)
        return [plain(item, inner) for item in value]
    return plain(convert(value), above + (id(value),))


def to_json(value):
    """The value as UTF-8 JSON, or NotJson."""
    try:
        try:
            # The C encoder does the common case some twenty times faster than python code can.
            text = dumps(
                value, allow_nan=False, default=convert, ensure_ascii=False, separators=(",", ":")
            )
        except (TypeError, ValueError):
            text = dumps(
                plain(value), allow_nan=False, ensure_ascii=False, separators=(",", ":")
            )
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:
            # Half a surrogate pair has no UTF-8, but it has an escape.
            return dumps(plain(value), separators=(",", ":")).encode("ascii")
    except NotJson:
        raise
    except RecursionError:
        raise NotJson("it is nested too deep") from None
    except Exception as problem:  # str(x) of a foreign object may raise anything
        raise NotJson("%s: %s" % (type(problem).__name__, problem)) from problem


# --------------------------------------------------------------------------------------------
# Running the code of a step
# --------------------------------------------------------------------------------------------


class Ctx(dict):
    """The ctx variables; a name that is none of them is looked up in the whole context."""

    def __init__(self, variables, context):
        super().__init__(variables)
        self._context = context

    def __missing__(self, key):
        return self._context[key]

    def get(self, key, default=None):
        return super().get(key, self._context.get(key, default))


class LibraryProblem(Exception):
    """An entry of ``libs`` could not be imported."""


def valid_name(name):
    return isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name)


def import_library(module):
    """What ``import module`` makes available, including a dotted one."""
    return importlib.import_module(module)


def imported(libs):
    """The names that ``libs`` defines."""
    names = {}
    if isinstance(libs, dict):
        for alias, what in libs.items():
            if isinstance(what, dict):
                module = import_library(str(what["from"]))
                member = str(what["import"])
                if not hasattr(module, member):
                    # A submodule that nobody imported yet is found by its full name.
                    try:
                        names[alias] = import_library("%s.%s" % (what["from"], member))
                        continue
                    except ModuleNotFoundError:
                        raise ImportError(
                            "cannot import name %r from %r" % (member, what["from"])
                        ) from None
                names[alias] = getattr(module, member)
            else:
                names[alias] = import_library(str(what))
    elif isinstance(libs, list):
        for module in libs:
            import_library(str(module))
            top = str(module).split(".")[0]
            names[top] = sys.modules[top]
    return names


def injected_names(head, input_json, names_json):
    """Every name that the code finds, in the order in which later ones win."""
    code = head["code"]
    effective = loads(input_json) if input_json else {}
    context = loads(names_json) if names_json else {}
    variables = dict(context)

    def copy_for(*words):
        # Two names, two independent dicts. A second parse is the cheapest deep copy, and code that
        # contains none of the words cannot tell the difference.
        if any(word in code for word in words):
            return loads(input_json)
        return dict(effective)

    if not isinstance(effective, dict):
        args = input_data = effective
    elif not effective:
        args, input_data = {}, {}
    else:
        args, input_data = copy_for("args", "context"), copy_for("input_data")
    context.update(
        args=args,
        execution_id=head["execution_id"],
        step=head["step"],
        server_url=head["server_url"],
    )
    names = {
        "os": os,
        "sys": sys,
        "json": json,
        "datetime": datetime,
        "uuid": uuid,
        "time": time,
        "re": re,
        "math": math,
        "execution_id": head["execution_id"],
        "step": head["step"],
        "server_url": head["server_url"],
        "context": context,
        "variables": variables,
        "workload": variables.get("workload") or {},
    }
    own = variables.get("ctx")
    names["ctx"] = Ctx(own if isinstance(own, dict) else {}, variables)
    if isinstance(variables.get("iter"), dict):
        names["iter"] = variables["iter"]
    try:
        names.update(imported(head.get("libs")))
    except BaseException as problem:
        raise LibraryProblem() from problem
    if isinstance(effective, dict):
        names.update((key, value) for key, value in effective.items() if valid_name(key))
    for name, value in (("args", args), ("input_data", input_data)):
        if not (isinstance(effective, dict) and name in effective):
            names[name] = value
    return names, effective


def body_nodes(body):
    """Every node of the body that belongs to it and not to a function or class inside it."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            waiting.extend(node.decorator_list)
        elif not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def wrapped(source, names):
    """The body as a function ``__step__`` of all names; code and whether it must be awaited."""
    tree = ast.parse(source, CODE_NAME)
    hoisted = []
    body = []
    for node in tree.body:
        star = isinstance(node, ast.ImportFrom) and (
            node.module == "__future__" or any(alias.name == "*" for alias in node.names)
        )
        (hoisted if star else body).append(node)
    awaits = False
    declared_global = set()
    for node in body_nodes(body):
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            raise SyntaxError(
                "'yield' outside function", (CODE_NAME, node.lineno, node.col_offset + 1, None)
            )
        if isinstance(node, ast.Global):
            declared_global.update(node.names)
        awaits = awaits or isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith))
        awaits = awaits or (isinstance(node, ast.comprehension) and bool(node.is_async))
    # A name cannot be a parameter and global; as a global it is injected anyway.
    parameters = [name for name in names if valid_name(name) and name not in declared_global]
    frame = ast.parse(
        "%sdef __step__(%s):\n pass\n return __fell_through__(locals())"
        % ("async " if awaits else "", ", ".join(parameters))
    )
    function = frame.body[0]
    function.body[:1] = body
    frame.body[:0] = hoisted
    return compile(frame, CODE_NAME, "exec", dont_inherit=True), awaits, parameters


class FellThrough:
    """The body ended without a return; these were its locals."""

    def __init__(self, names):
        self.names = names


def finished(value):
    """The value itself, or what it gives when it is something to wait for."""
    if not inspect.isawaitable(value):
        return value

    async def waiting():
        return await value

    return asyncio.run(waiting())


def call_main(main, names, effective):
    """Calls main with its parameters bound by name."""
    given = effective if isinstance(effective, dict) else {}
    context = names["context"] if isinstance(names["context"], dict) else {}
    maps = ("args", "input_data", "context", "variables")
    try:
        parameters = inspect.signature(main).parameters.values()
    except (TypeError, ValueError):
        return main()
    positional, keywords, used, rest = [], {}, set(), False
    in_order = True
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            rest = True
            continue
        name = parameter.name
        used.add(name)
        if name in maps:
            value = names[name]
        elif name in given:
            value = given[name]
        elif name in context:
            value = context[name]
        else:
            value = MISSING
        if parameter.kind is parameter.POSITIONAL_ONLY:
            in_order = in_order and value is not MISSING
            if in_order:
                positional.append(value)
        elif value is not MISSING:
            keywords[name] = value
    if rest:
        keywords.update((key, value) for key, value in given.items() if key not in used)
    return main(*positional, **keywords)


def evaluated(source, space, names, effective):
    """Runs the code in the module's namespace and gives its result, None when it has none."""
    space.update(names)
    # An injected name called result must be readable, and yet only the code's own binding counts.
    injected_result = space.pop("result", MISSING)
    if injected_result is not MISSING:
        builtins.result = injected_result
    try:
        code = compile(
            source, CODE_NAME, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
    except SyntaxError as problem:
        if "'return' outside function" not in str(problem.msg):
            raise
        code, awaits, parameters = wrapped(source, names)
        space["__fell_through__"] = FellThrough
        exec(code, space)
        value = finished(space["__step__"](**{name: names[name] for name in parameters}))
        if isinstance(value, FellThrough):
            value = value.names.get("result")
            if value is injected_result:
                value = None
        return value
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(code, space))
    else:
        exec(code, space)
    result = space.get("result")
    if result is None and callable(space.get("main")):
        result = finished(call_main(space["main"], names, effective))
    return result


def step_source(code):
    """The code without the indentation that all its lines share."""
    for line in code.splitlines():
        if line.strip():
            return textwrap.dedent(code) if line[0] in " \t" else code
    return code


def tell(text):
    """Writes to standard error, also when the code has replaced or closed it."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except Exception:
        try:
            os.write(2, text.encode("utf-8", "backslashreplace"))
        except OSError:
            pass  # nobody listens


def described(problem):
    """The error member of a reply, with the frames of the step's own code only."""
    origin = problem
    libraries = isinstance(problem, LibraryProblem)
    if libraries:
        origin = problem.__cause__
    try:
        frames = origin.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename != CODE_NAME:
            frames = frames.tb_next
        lines = "".join(traceback.format_exception(type(origin), origin, frames))
    except BaseException as second:  # an exception class of the step may be hostile
        lines = "%s (and no traceback: %s)\n" % (type(origin).__name__, type(second).__name__)
    try:
        text = str(origin)
    except BaseException:
        text = ""
    name = type(origin).__name__
    kind = "import" if libraries or isinstance(origin, ImportError) else "python"
    tell(lines)
    return {
        "kind": kind,
        "exception": name,
        "message": "%s: %s" % (name, text) if text else name,
        "traceback": lines,
    }


def exit_code(problem):
    """The exit code of a SystemExit, as the interpreter itself would choose it."""
    code = problem.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    tell("%s\n" % (code,))
    return 1


def prepare(head):
    """Environment and working directory; a text when they cannot be had."""
    for name, value in (head.get("env") or {}).items():
        os.environ[str(name)] = str(value)
    if "TZ" in (head.get("env") or {}) and hasattr(time, "tzset"):
        time.tzset()
    cwd = head.get("cwd")
    if cwd:
        try:
            os.chdir(cwd)
        except OSError as problem:
            return "cwd '%s' cannot be used: %s" % (cwd, problem.strerror)
    return None


def settle(space):
    """What the interpreter does at its end, as far as others could notice."""

    def names_go():
        # Files that only the code's names hold are flushed when those names go.
        space.clear()
        gc.collect()

    # First threads that the code left running, and pools that wait for theirs.
    wait_for_threads = getattr(threading, "_shutdown", lambda: None)
    for act in (wait_for_threads, atexit._run_exitfuncs, names_go):
        try:
            act()
        except Exception:
            tell(traceback.format_exc())
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            continue  # the code closed or replaced it


def reply_to(head, input_json, names_json):
    """Runs one call. The reply as bytes, and the exit code that goes with it."""
    refused = prepare(head)
    if refused is not None:
        return dumps({"refused": refused}).encode(), 1
    source = step_source(head["code"])
    linecache.cache[CODE_NAME] = (len(source), None, source.splitlines(True), CODE_NAME)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    exit_with = 0
    try:
        names, effective = injected_names(head, input_json, names_json)
        result = evaluated(source, module.__dict__, names, effective)
        del names, effective
        try:
            if result is None:
                reply = b'{"none":true}'
            else:
                body = to_json(result)
                if len(body) > head["max_result"]:
                    reply = dumps({"too_large": len(body)}).encode()
                else:
                    reply = b'{"result":' + body + b"}"
        except NotJson as problem:
            tell("noetl: the result is not kept: %s\n" % problem)
            reply = b'{"none":true}'
        del result
    except SystemExit as problem:
        exit_with = exit_code(problem)
        reply = dumps({"exit": exit_with}).encode()
    except BaseException as problem:
        exit_with = 1
        reply = dumps({"error": described(problem)}).encode()
    try:
        settle(module.__dict__)
    except SystemExit as problem:
        exit_with = exit_code(problem)
    return reply, exit_with


def own_streams():
    """Standard streams that write whole lines at once, in UTF-8, and never refuse a character."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = io.TextIOWrapper(
            open(number, "wb", closefd=False),
            encoding="utf-8",
            errors="backslashreplace",
            line_buffering=True,
        )
        setattr(sys, name, stream)
        setattr(sys, "__%s__" % name, stream)
    sys.stdin = sys.__stdin__ = open(0, "r", closefd=False)


def parts_of(request):
    """The three JSON texts of a request."""
    parts, at = [], 0
    for _ in range(3):
        (size,) = struct.unpack_from(">I", request, at)
        at += 4
        parts.append(bytes(request[at : at + size]))
        at += size
    return loads(parts[0]), parts[1], parts[2]


# --------------------------------------------------------------------------------------------
# The child
# --------------------------------------------------------------------------------------------


def die_with_parent():
    """Asks the kernel to end this process when its parent ends, where that can be asked for."""
    if not sys.platform.startswith("linux"):
        return
    try:
        LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except (AttributeError, OSError):
        pass


try:
    import ctypes

    LIBC = ctypes.CDLL(None)
except (ImportError, OSError, TypeError):
    LIBC = None


def child_main(talk, streams, directory):
    """Waits for one request on the socket, runs it, answers, ends. Never returns."""
    born = os.getpid()
    status = 1
    try:
        os.setsid()
        die_with_parent()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        keep = talk.fileno()
        os.closerange(3, keep)
        os.closerange(keep + 1, 256)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(directory)
        own_streams()
        sys.argv = ["-c"]
        gc.enable()
        size = talk.recv(8, socket.MSG_WAITALL)
        if len(size) < 8:
            os._exit(0)  # the slot has gone
        request = receive(talk, struct.unpack(">Q", size)[0])
        head, input_json, names_json = parts_of(request)
        del request
        reply, status = reply_to(head, input_json, names_json)
        if os.getpid() == born:  # a fork of the code's own making has nothing to say
            talk.sendall(pack(">Q", len(reply)))
            talk.sendall(reply)
    except BaseException as problem:
        os.write(2, ("noetl runner: %s: %s\n" % (type(problem).__name__, problem)).encode())
    finally:
        os._exit(status)


def receive(sock, size):
    """Exactly that many bytes, or EOFError."""
    data = bytearray(size)
    view = memoryview(data)
    at = 0
    while at < size:
        count = sock.recv_into(view[at:], min(size - at, 1 << 20))
        if count == 0:
            raise EOFError()
        at += count
    return data


# --------------------------------------------------------------------------------------------
# The slot
# --------------------------------------------------------------------------------------------


class Child:
    """A forked child that waits for its call, as the slot sees it."""

    def __init__(self, worker, base):
        self.directory = tempfile.mkdtemp(prefix="call-", dir=base)
        mine, theirs = socket.socketpair()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        null = os.open(os.devnull, os.O_RDONLY)
        self.pid = os.fork()
        if self.pid == 0:
            worker.close()
            mine.close()
            child_main(theirs, (null, out_write, err_write), self.directory)
        for number in (null, out_write, err_write):
            os.close(number)
        theirs.close()
        self.talk = mine
        self.streams = {out_read: b"O", err_read: b"E"}
        for number in self.streams:
            os.set_blocking(number, False)
        self.status = None  # (signal or 0, exit code)
        self.reaped = False

    def gone(self):
        """Whether the child has ended; its process id stays reserved until dispose."""
        if self.status is None and hasattr(os, "waitid"):
            info = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if info is not None:
                exited = info.si_code == os.CLD_EXITED
                self.status = (0 if exited else info.si_status, info.si_status)
        elif self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
                self.status = (ended_by, ended_by or os.WEXITSTATUS(status))
                self.reaped = True
        return self.status is not None

    def kill(self):
        """Ends the child and whatever it started and left in its process group."""
        ends = (os.killpg,) if self.reaped else (os.killpg, os.kill)
        for end in ends:
            try:
                end(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass

    def dispose(self):
        self.talk.close()
        for number in self.streams:
            os.close(number)
        if not self.reaped:
            os.waitpid(self.pid, 0)
        shutil.rmtree(self.directory, ignore_errors=True)


def frame(kind, payload):
    return kind + pack(">I", len(payload)) + payload


class Slot:
    """One connection to the worker and the calls that come over it, one at a time."""

    def __init__(self, path, base):
        self.worker = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.worker.connect(path)
        self.base = base
        hello = {"pid": os.getpid(), "version": sys.version.split()[0]}
        self.worker.sendall(frame(b"H", dumps(hello).encode()))

    def serve(self):
        while True:
            child = Child(self.worker, self.base)
            try:
                self.worker.sendall(frame(b"W", pack(">I", child.pid)))
                self.relay(child, self.hand_over(child))
            finally:
                child.kill()
                child.dispose()

    def read_frame(self):
        head = receive(self.worker, 5)
        return bytes(head[:1]), receive(self.worker, struct.unpack_from(">I", head, 1)[0])

    def hand_over(self, child):
        """Waits for a call and gives it to the child; the moment when it must end, or None."""
        kind, payload = self.read_frame()
        while kind != b"C":
            kind, payload = self.read_frame()  # a stop that came too late
        (timeout,) = struct.unpack_from(">I", payload, 0)
        try:
            request = memoryview(payload)[4:]
            child.talk.sendall(pack(">Q", len(request)))
            child.talk.sendall(request)
        except OSError:
            pass  # it ended before it read everything; its status says how
        return time.monotonic() + timeout / 1000 if timeout else None

    def relay(self, child, deadline):
        """Carries output and reply to the worker until the call has ended in one way or another."""
        end = {"timeout": False}
        poll = select.poll()
        for number in (self.worker.fileno(), child.talk.fileno(), *child.streams):
            poll.register(number, select.POLLIN)
        expected, got = None, 0
        while True:
            wait = TICK_MS
            if deadline is not None:
                wait = min(wait, max(0, math.ceil((deadline - time.monotonic()) * 1000)))
            ready = poll.poll(wait)
            ended = False
            if not ready and child.gone():
                # It may have answered after the poll: only an empty second look is the end.
                ready = poll.poll(0)
                ended = not ready
            answer = []
            for number, _ in ready:
                if number == child.talk.fileno():
                    data = self.from_child(child, CHUNK if expected is not None else 8)
                    if data is None:
                        poll.unregister(number)
                        ended = True
                    elif expected is None:
                        (expected,) = struct.unpack(">Q", data)
                    else:
                        got += len(data)
                        answer.append(frame(b"R", data))
                elif number == self.worker.fileno():
                    kind, _ = self.read_frame()  # raises when the worker has gone
                    if kind == b"K":
                        child.kill()
                elif not self.from_stream(child, number, answer):
                    poll.unregister(number)
            if answer:
                self.worker.sendall(b"".join(answer))
            if expected is not None and got == expected:
                end["exit"] = 0
                break
            if deadline is not None and time.monotonic() >= deadline:
                end["timeout"] = True
                break
            if ended:
                self.wait_gone(child)
                end.update(self.how(child.status))
                break
        child.kill()
        self.drain(child)
        self.worker.sendall(frame(b"X", dumps(end).encode()))

    @staticmethod
    def from_child(child, size):
        """Bytes of the reply, None when there will be no more."""
        try:
            if size == 8:
                data = child.talk.recv(8, socket.MSG_WAITALL)
                return data if len(data) == 8 else None
            return child.talk.recv(size) or None
        except OSError:
            return None

    @staticmethod
    def from_stream(child, number, answer):
        """Moves what is there into the answer; false when the stream has ended."""
        try:
            data = os.read(number, CHUNK)
        except BlockingIOError:
            return True
        if data:
            answer.append(frame(child.streams[number], data))
        return bool(data)

    def drain(self, child):
        """What was written before the end is in the pipes by now."""
        for number in child.streams:
            left = DRAIN_LIMIT
            while left > 0:
                try:
                    data = os.read(number, CHUNK)
                except BlockingIOError:
                    break
                if not data:
                    break
                left -= len(data)
                self.worker.sendall(frame(child.streams[number], data))

    @staticmethod
    def wait_gone(child):
        """The reply's socket is closed: the child ends now, unless the code closed it itself."""
        until = time.monotonic() + 5
        while not child.gone() and time.monotonic() < until:
            time.sleep(0.001)
        if not child.gone():
            child.kill()
            while not child.gone():
                time.sleep(0.001)

    @staticmethod
    def how(status):
        ended_by, code = status
        return {"exit": 128 + ended_by, "signal": ended_by} if ended_by else {"exit": code}


def slot_main(path, base):
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        Slot(path, base).serve()
    except (EOFError, OSError) as problem:
        # The worker has gone or wants this slot no more: that is how a slot ends.
        if isinstance(problem, OSError) and problem.errno not in (errno.EPIPE, errno.ECONNRESET):
            traceback.print_exc()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


# --------------------------------------------------------------------------------------------
# The zygote
# --------------------------------------------------------------------------------------------


def zygote_main(path, base, preload):
    # A terminal's Ctrl-C is for the worker, which then ends its calls in order.
    os.setsid()
    for module in preload:
        try:
            importlib.import_module(module)
        except Exception as problem:
            print("preload of %s failed: %s" % (module, problem), file=sys.stderr)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asyncio.new_event_loop().close()  # loads what the first loop of a process would load
    gc.collect()
    gc.freeze()
    gc.disable()
    commands = sys.stdin.buffer.raw
    while True:
        command = commands.read(1)
        if not command:
            os._exit(0)  # the worker has gone; slots notice by their own connections
        if command == b"F" and os.fork() == 0:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(null, 1)
            os.close(null)
            slot_main(path, base)


def once_main(reply_path):
    """One call in this process; the worker reads the streams itself."""
    if hasattr(os, "setsid"):
        os.setsid()
    request = sys.stdin.buffer.read()
    head, input_json, names_json = parts_of(request)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    own_streams()
    sys.argv = ["-c"]
    reply, status = reply_to(head, input_json, names_json)
    with open(reply_path + ".part", "wb") as file:
        file.write(reply)
    os.replace(reply_path + ".part", reply_path)
    os._exit(status)


def main():
    # As for "python -c": the working directory of the call, not the place of this file.
    sys.path[0] = ""
    mode = sys.argv[1]
    if mode == "--zygote":
        zygote_main(sys.argv[2], sys.argv[3], sys.argv[4:])
    elif mode == "--once":
        once_main(sys.argv[2])
    else:
        sys.exit("expected --zygote or --once, but got %s" % mode)


if __name__ == "__main__":
    main()
