"""Unpacks ONNX Runtime's shared library and licences from a wheel whose SHA-256 is pinned.

usage: unpack_wheel.py WHEEL SHA256 FOLDER

FOLDER appears complete or not at all: everything is written beside it first, then renamed.
"""

import hashlib
import os
import pathlib
import re
import shutil
import sys
import tempfile
import zipfile

LIBRARY = re.compile(r"onnxruntime/capi/libonnxruntime(\.so[.\d]*|[.\d]*\.dylib)")
LICENCE = re.compile(r"onnxruntime/(LICENSE|ThirdPartyNotices\.txt)")


def verify(wheel: pathlib.Path, expected: str) -> None:
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != expected:
        sys.exit(f"{wheel.name} is not the pinned file\n  expected SHA-256 {expected}\n  found    SHA-256 {found}")


def unpack(wheel: pathlib.Path, folder: pathlib.Path) -> None:
    """Writes the licences to `folder`, the library to `folder/lib` with a link that has no version."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        libraries = [name for name in names if LIBRARY.fullmatch(name)]
        if len(libraries) != 1:
            sys.exit(f"{wheel.name} has {len(libraries)} files that look like ONNX Runtime's library, expected one")
        extract(archive, libraries[0], folder / "lib")
        for name in filter(LICENCE.fullmatch, names):
            extract(archive, name, folder)
    library = pathlib.PurePath(libraries[0]).name
    link = "libonnxruntime.dylib" if library.endswith(".dylib") else "libonnxruntime.so"
    if library != link:
        (folder / "lib" / link).symlink_to(library)


def extract(archive: zipfile.ZipFile, name: str, folder: pathlib.Path) -> None:
    folder.mkdir(exist_ok=True)
    with archive.open(name) as source, open(folder / pathlib.PurePath(name).name, "wb") as target:
        shutil.copyfileobj(source, target)


def main() -> None:
    wheel, expected, folder = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    verify(wheel, expected)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        staged = pathlib.Path(scratch) / folder.name
        staged.mkdir()
        unpack(wheel, staged)
        (staged / "wheel.sha256").write_text(expected + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(staged, folder)


if __name__ == "__main__":
    main()
