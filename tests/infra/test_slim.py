"""A slim zip holds what can run, in one order and with one date, so that equal content is an equal file."""

import sys
import zipfile
from pathlib import Path

from infra.slim import slim


def test_slimming_forgets_order_and_dates_and_what_never_runs(tmp_path: Path) -> None:
    content = {
        "lib/a.py": "A = 1",
        "lib/b.json": "{}",
        "lib/__pycache__/a.pyc": "old",
        "lib-1.0.dist-info/RECORD": "hashes",
        "botocore/data/sqs/2012-11-05/service-2.json.gz": "kept",
        "botocore/data/ec2/2016-11-15/service-2.json.gz": "never called",
        "botocore/data/endpoints.json": "kept",
    }
    slimmed = []
    for number, order in enumerate((sorted(content), sorted(content, reverse=True))):
        source, target = tmp_path / f"{number}.zip", tmp_path / f"slim-{number}.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for name in order:
                archive.writestr(zipfile.ZipInfo(name, (2020 + number, 1, 1, 0, 0, 0)), content[name])
        slim(source, target)
        slimmed.append(target.read_bytes())
    assert slimmed[0] == slimmed[1]
    with zipfile.ZipFile(tmp_path / "slim-0.zip") as archive:
        assert archive.namelist() == [
            "botocore/data/endpoints.json",
            "botocore/data/sqs/2012-11-05/service-2.json.gz",
            "lib/a.py",
            f"lib/__pycache__/a.{sys.implementation.cache_tag}.pyc",
            "lib/b.json",
        ]
