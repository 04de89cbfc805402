"""How our processes end: signals as something to wait for, and children that do not outlive their parent."""

import ctypes
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import IO

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SET_PARENT_DEATH_SIGNAL = 1
_LIBRARY = ctypes.CDLL(None)


class SignalWatch:
    """Waiting that ends early for signals, for the death of a child, and for output of a pipe.

    There is one for a process, made in its main thread; it takes over SIGTERM, SIGINT, SIGHUP and SIGCHLD.
    """

    def __init__(self) -> None:
        """Take over the signals."""
        self.is_stop_asked = False
        self._signals, writer = socket.socketpair()
        self._signals.setblocking(False)
        writer.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._signals, selectors.EVENT_READ)
        signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
        for number in (*_STOP_SIGNALS, signal.SIGCHLD):
            signal.signal(number, _do_nothing)

    def add(self, pipe: IO[bytes]) -> None:
        """Let output of a pipe end the waiting too."""
        self._selector.register(pipe, selectors.EVENT_READ)

    def remove(self, pipe: IO[bytes]) -> None:
        """Forget a pipe."""
        self._selector.unregister(pipe)

    def wait(self, seconds: float) -> None:
        """Wait until something happens, at most so long; note whether a signal asks to stop."""
        if not self._selector.select(seconds):
            return
        try:
            numbers = self._signals.recv(256)
        except BlockingIOError:
            return
        if any(number in _STOP_SIGNALS for number in numbers):
            self.is_stop_asked = True

    def pause(self, seconds: float) -> None:
        """Wait so long, unless a signal asks to stop."""
        deadline = time.monotonic() + seconds
        while not self.is_stop_asked and (left := deadline - time.monotonic()) > 0:
            self.wait(left)


def signal_at_parent_death(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs before its program so that the kernel signals it when its parent dies.

    It is None where the kernel has no such service (it is Linux alone); there the next start finds and stops
    what was left. For `subprocess.Popen(preexec_fn=…)` of a process with one thread.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def ask_kernel() -> None:
        _LIBRARY.prctl(_SET_PARENT_DEATH_SIGNAL, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return ask_kernel


def _do_nothing(_number: int, _frame: object) -> None:
    """Handle a signal by nothing: its number arrives through the wake-up socket."""
