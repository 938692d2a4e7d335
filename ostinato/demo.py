"""What `make demo` runs against the started stack: `ostinato generate` with four melodies.

Refuses to know how the stack was started.
"""

from ostinato.cli.app import app

if __name__ == "__main__":
    app(["generate", "--count", "4", "--bars", "8"])
