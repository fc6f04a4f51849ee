"""Run the module's self-test in a real Slicer, on a machine without a screen too.

    xvfb-run Slicer --no-splash --no-main-window --testing --additional-module-paths RadiomicsPrognosis \\
        --python-script Testing/Slicer/run_self_test.py

(the paths before the script, as Slicer wants them). With --testing, Slicer ends after the script, and with an error if
the test fails. A build of the extension runs the same test by CTest, as py_RadiomicsPrognosis.
"""

import slicer

slicer.selfTests["RadiomicsPrognosis"]()
