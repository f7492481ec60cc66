"""python -m ptygui."""

from ptygui.cli import main

if __name__ == "__main__":
    main(prog_name="ptygui")
