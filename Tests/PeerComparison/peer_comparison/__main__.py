"""`python -m peer_comparison COMMAND`; see README.md."""

from .commands import main

main()
