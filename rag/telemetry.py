"""Turn off the telemetry of every library, before any of them is loaded."""

import os
import sys

TELEMETRY_OFF = {
    # ONNX Runtime looks at it while it is loaded; later is too late.
    "ORT_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
}
"""Environment variables by which the libraries are told to report nothing to their makers."""


def disable_telemetry() -> None:
    """Turn off the libraries' telemetry by TELEMETRY_OFF, whatever the environment says; child processes inherit it."""
    os.environ.update(TELEMETRY_OFF)
    onnxruntime = sys.modules.get("onnxruntime")
    if onnxruntime is not None:  # loaded by the program that imports this package
        onnxruntime.disable_telemetry_events()
