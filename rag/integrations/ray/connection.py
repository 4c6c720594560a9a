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
from rag.integrations.ray.worker import error_line

if TYPE_CHECKING:
    from tenacity import RetryCallState

_ANSWER_S = 5.0
"""Seconds for a cluster to answer at its address."""
_MAX_STARTS = 2
_CLIENT_PORT = 10001
"""Where Ray's client servers listen by default."""


def start(address: str, at_end: contextlib.ExitStack, *, processes: int, store_bytes: int) -> None:
    """Connect this process to a cluster, or start one of its own without an address; `at_end` undoes it.

    A connection that the program has already is used and left as it is. ClusterError if Ray is not installed, or the
    cluster cannot be reached or started.
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
    at_end.callback(vars(worker).update, _worker_logs_enabled=True)
    if address:
        _join(address)
    else:
        _start_own(processes, store_bytes, at_end)
    at_end.callback(ray.shutdown)


def _join(address: str) -> None:
    """Connect to a running cluster; ClusterError if none answers within some seconds."""
    import ray

    what = f"no Ray cluster answers at {address}; start one with `ray start --head`, or name none"
    with _as_cluster_error(what), contextlib.ExitStack() as here:
        if address != "auto":
            # Ray itself would try for two minutes, and then end this process.
            url = urlsplit(address if "://" in address else f"ray://{address}")
            port = url.port or _CLIENT_PORT
            socket.create_connection((url.hostname, port), _ANSWER_S).close()
            if _is_here(str(url.hostname)) and not _listens_outside(port):
                here.enter_context(_loopback())
        here.enter_context(_silent())
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL)


def _is_here(host: str) -> bool:
    """Whether a host is this machine's loopback."""
    return host == "localhost" or (host.replace(".", "").isdecimal() and ip_address(host).is_loopback)


def _listens_outside(port: int) -> bool:
    """Whether a cluster of this machine also listens on its address in the network, which Ray would connect to."""
    import ray.util

    try:
        own = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
        socket.create_connection((own, port), _ANSWER_S).close()
    except OSError:
        return False
    return True


def _start_own(processes: int, store_bytes: int, at_end: contextlib.ExitStack) -> None:
    """Start a cluster of this machine that listens on loopback alone and takes only requests with its token."""
    import ray
    from tenacity import Retrying, stop_after_attempt

    folder = tempfile.mkdtemp(prefix="rag-ray-", dir="/tmp" if sys.platform != "win32" else None)
    at_end.callback(shutil.rmtree, folder, ignore_errors=True)
    if "RAY_AUTH_TOKEN_PATH" not in os.environ:
        # Ray would make one for good, in the home folder; and it reads the variable only once.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    # On a machine that is very busy the parts of a cluster may wait in vain for each other.
    retry = Retrying(stop=stop_after_attempt(_MAX_STARTS), after=_end_failed_start, reraise=True)
    with _as_cluster_error("no Ray cluster can be started here"), _loopback(), _without_usage_report(), _silent():
        retry(
            ray.init,
            "local",
            num_cpus=processes,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            object_store_memory=store_bytes,
            _node_ip_address="127.0.0.1",
            _temp_dir=folder,
        )


def _end_failed_start(state: "RetryCallState") -> None:
    """End the processes of a start that failed, which Ray would leave until this one ends."""
    from ray._private.node import Node

    error = state.outcome.exception() if state.outcome else None
    for frame, _ in traceback.walk_tb(error.__traceback__ if error else None):
        if isinstance(node := frame.f_locals.get("self"), Node):
            node.kill_all_processes(check_alive=False, allow_graceful=False)


@contextlib.contextmanager
def _loopback() -> Iterator[None]:
    """Make Ray listen on loopback, as it does on a Mac, by telling it that this system knows no clusters."""
    from ray._private import ray_constants

    name = ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR
    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    os.environ[name] = "0"
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before
        os.environ.pop(name, None)


@contextlib.contextmanager
def _without_usage_report() -> Iterator[None]:
    """Keep Ray from starting its usage report, which asks clouds' metadata servers even where it is turned off."""
    from ray._private import services

    before = services.start_api_server
    services.start_api_server = lambda *_given, **_named: (None, None)
    try:
        yield
    finally:
        services.start_api_server = before


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Turn off what Ray's C++ parts print, and drop the line in which they say that it is off."""
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
def _as_cluster_error(what: str) -> Iterator[None]:
    """Translate any error into a ClusterError that begins with `what`."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise ClusterError(f"{what} ({error_line(error)})") from error
