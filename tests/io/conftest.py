from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _matplotlib_leaves_the_home_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Matplotlib writes a cache of fonts where MPLCONFIGDIR says, before its first use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLCONFIGDIR", str(tmp_path_factory.mktemp("matplotlib")))
        yield
