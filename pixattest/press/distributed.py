"""Address of a Dask scheduler → an executor, which `Press.write` prints with."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pixattest.errors import PixattestError

if TYPE_CHECKING:
    from distributed import Client

# Packages of which another version may print other bytes.
_DECIDING = ("pixattest", "isal", "uharfbuzz", "babel")


@contextmanager
def executor(address: str, *, timeout: float = 10) -> Iterator[Executor]:
    """Give the workers of a Dask cluster as an executor.

    When a worker dies, another one prints its pages anew. The workers need what this process has:
    the same version of pixattest, and the files of the template and the issuer under the same
    paths.

    Args:
        address: of the scheduler, such as `tcp://127.0.0.1:8786`; for `tls://`, Dask's own
            configuration names the certificates.
        timeout: seconds to wait for the scheduler, and then for a first worker.

    Raises:
        PixattestError: Dask is not installed, neither scheduler nor worker answers in time, a
            worker has another version, or the cluster is lost while it prints.
    """
    with _connect(address, timeout) as client:
        _check_workers(client, address, timeout)
        from distributed import KilledWorker

        try:
            # With pure=True Dask would hash each block, to recognise it.
            yield client.get_executor(pure=False)
        except KilledWorker as lost:
            raise PixattestError(
                f"the workers died one after the other: {lost}",
                source=address,
                hint="Look into their logs; with too little memory, run fewer on a machine.",
            ) from lost
        except CancelledError as lost:
            raise PixattestError(
                "the Dask scheduler was lost before all was printed",
                source=address,
                hint="Start it again, and then this.",
            ) from lost


def _connect(address: str, timeout: float) -> Client:
    try:
        from distributed import Client, Security
        from distributed.comm import get_address_host_port
    except ImportError:
        raise PixattestError(
            "Dask is not installed", hint="Run pip install 'pixattest[dask]'."
        ) from None
    try:
        get_address_host_port(address)
    except ValueError as reason:
        raise PixattestError(
            f"{address!r} is not the address of a Dask scheduler: {reason}",
            hint="It looks like tcp://127.0.0.1:8786; the scheduler prints it when it starts.",
        ) from None
    security = Security()
    if address.startswith("tls:") and not security.get_connection_args("client")["ssl_context"]:
        raise PixattestError(
            "Dask's configuration names no certificate for tls",
            source=address,
            hint="Set distributed.comm.tls in it: https://distributed.dask.org/en/stable/tls.html",
        )
    try:
        return Client(address, timeout=timeout, set_as_default=False, security=security)
    except OSError as reason:
        raise PixattestError(
            f"no Dask scheduler answers within {timeout:g} s: {reason}",
            source=address,
            hint="Start one with `dask scheduler`, or correct the address.",
        ) from None


def _check_workers(client: Client, address: str, timeout: float) -> None:
    """Refuse a cluster that has no workers, or workers that may print other bytes."""
    try:
        client.wait_for_workers(1, timeout=timeout)
    except TimeoutError:
        raise PixattestError(
            f"the Dask scheduler has no worker after {timeout:g} s",
            source=address,
            hint=f"Start one with `dask worker {address}`; an adaptive cluster needs a minimum.",
        ) from None
    found: dict[str, Any] = client.get_versions(packages=list(_DECIDING))
    own = found["client"]["packages"]
    for worker, said in found["workers"].items():
        for package in _DECIDING:
            theirs = said["packages"][package]
            if theirs != own[package]:
                has = f"{package} {theirs}" if theirs else f"no {package}"
                raise PixattestError(
                    f"the worker {worker} has {has}, and this process {package} {own[package]}",
                    source=address,
                    hint=f"Install pixattest[dask] and {package}=={own[package]} on each worker.",
                )
