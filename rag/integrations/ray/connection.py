"""Start or join a Ray cluster; one of our own listens on loopback and leaves no trace."""

import contextlib
import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
import traceback
from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.errors import ClusterError
from rag.integrations.ray.worker import line

if TYPE_CHECKING:
    from tenacity import RetryCallState

_STORE_BYTES = 512 << 20
"""Memory in which a cluster of our own passes things between its processes; what is more goes to disk."""
_ANSWER_S = 5.0
"""Seconds for a cluster to answer at its address."""
_STARTS = 2
_CLIENT_PORT = 10001
"""Where Ray's client servers listen unless told otherwise."""


def start(address: str, processes: int, at_end: contextlib.ExitStack) -> None:
    """Connects this process to a cluster, or to one of its own without an address; `at_end` undoes it.

    A connection that the program has already is used and left as it is. ClusterError where there is no Ray.
    """
    try:
        import ray
        from ray._private import worker
    except ImportError as error:
        raise ClusterError("Ray is not installed; install it with: pip install 'rag-articles[ray]'") from error
    if ray.is_initialized():
        return
    # What Ray has to say of its processes it would print among the answers.
    worker._worker_logs_enabled = False
    at_end.callback(setattr, worker, "_worker_logs_enabled", True)
    if address:
        _join(address)
    else:
        _own(processes, at_end)
    at_end.callback(ray.shutdown)


def _join(address: str) -> None:
    import ray

    what = f"no Ray cluster answers at {address}; start one with `ray start --head`, or name none"
    with _told(what), contextlib.ExitStack() as here:
        if address != "auto":
            # Ray itself would try for two minutes, and then end this process.
            place = urlsplit(address if "://" in address else f"ray://{address}")
            port = place.port or _CLIENT_PORT
            socket.create_connection((place.hostname, port), _ANSWER_S).close()
            if _is_here(str(place.hostname)) and not _listens_outside(port):
                here.enter_context(_loopback())
        here.enter_context(_silent())
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)


def _is_here(host: str) -> bool:
    """Whether a host is this machine's loopback."""
    return host == "localhost" or (host.replace(".", "").isdecimal() and ip_address(host).is_loopback)


def _listens_outside(port: int) -> bool:
    """Whether a cluster of this machine can be had at its address in the network, by which Ray takes it to be meant."""
    import ray.util

    try:
        own = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
        socket.create_connection((own, port), _ANSWER_S).close()
    except OSError:
        return False
    return True


def _own(processes: int, at_end: contextlib.ExitStack) -> None:
    """A cluster of this machine, which listens on loopback alone and obeys who knows the token of this process."""
    import ray
    from tenacity import Retrying, stop_after_attempt

    folder = tempfile.mkdtemp(prefix="rag-ray-", dir="/tmp" if sys.platform != "win32" else None)
    at_end.callback(shutil.rmtree, folder, ignore_errors=True)
    if "RAY_AUTH_TOKEN_PATH" not in os.environ:
        # Ray would make one for good, in the home folder; and it reads the variable but once.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    # On a machine that is very busy the parts of a cluster may wait in vain for each other.
    started = Retrying(stop=stop_after_attempt(_STARTS), after=_cleared, reraise=True)
    with _told("no Ray cluster can be started here"), _loopback(), _without_usage_report(), _silent():
        started(
            ray.init, "local", num_cpus=processes, include_dashboard=False, log_to_driver=False,
            logging_level=logging.CRITICAL, object_store_memory=_STORE_BYTES, _node_ip_address="127.0.0.1",
            _temp_dir=folder,
        )  # fmt: skip


def _cleared(state: "RetryCallState") -> None:
    """Ends the processes of a start that failed, which Ray would leave until this one ends."""
    from ray._private.node import Node

    error = state.outcome.exception() if state.outcome else None
    for frame, _ in traceback.walk_tb(error.__traceback__ if error else None):
        if isinstance(node := frame.f_locals.get("self"), Node):
            node.kill_all_processes(check_alive=False, allow_graceful=False)


@contextlib.contextmanager
def _loopback() -> Iterator[None]:
    """Ray listens on loopback where it believes that the system knows no clusters, as it does on a Mac by itself."""
    from ray._private import ray_constants

    name, before = ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR, ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER, os.environ[name] = False, "0"
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before
        os.environ.pop(name, None)


@contextlib.contextmanager
def _without_usage_report() -> Iterator[None]:
    """Ray starts no process for its usage report, which asks clouds' metadata servers even where it is turned off."""
    from ray._private import services

    before = services.start_api_server
    services.start_api_server = lambda *_given, **_named: (None, None)
    try:
        yield
    finally:
        services.start_api_server = before


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Turns off what Ray's C++ parts print, and drops the line in which they say that it is off."""
    os.environ["RAY_BACKEND_LOG_LEVEL"] = "fatal"
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (Exception, SystemExit) as error:
        raise ClusterError(f"{what} ({line(error)})") from error
