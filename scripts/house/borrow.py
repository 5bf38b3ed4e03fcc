"""Let one virtual environment see another's packages, after its own: ``borrow.py LENDER BORROWER [--editable]``.

So a clean environment tests one changed package without a second copy of torch. With ``--editable`` the lender's
editable installs come along; without it, only what is really installed there.
"""

import sys
from pathlib import Path


def site_packages(environment: str) -> Path:
    """Return the one site-packages folder of a virtual environment."""
    (folder,) = Path(environment).resolve().glob("lib/python3*/site-packages")
    return folder


def main(lender: str, borrower: str, editable: bool) -> None:
    """Write the .pth file; ``site.addsitedir`` follows .pth files of the lender, a plain path does not."""
    source = site_packages(lender)
    line = f"import site; site.addsitedir({str(source)!r})" if editable else str(source)
    (site_packages(borrower) / "_borrowed.pth").write_text(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "--editable" in sys.argv[3:])
