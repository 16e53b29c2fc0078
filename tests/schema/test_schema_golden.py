"""The original engine's identities and default JSON, reproduced byte for byte."""

from __future__ import annotations

from typing import Any

from workloadmanager.schema import Registry


def test_every_model_has_the_identity_that_the_original_engine_gave_it(
    registry: Registry, golden: dict[str, Any]
) -> None:
    """Urls, names, types, defaults and orders of the models are the original's: the md5 of each says so."""
    assert {url: registry.get(url).md5 for url in golden["md5 of the models"]} == golden["md5 of the models"]


def test_a_new_object_of_every_model_dumps_as_the_original_engine_dumped_it(
    registry: Registry, golden: dict[str, Any]
) -> None:
    """The JSON text of defaults is the text that customers signed: separators, order, numbers and all."""
    for url, text in golden["default JSON of the models"].items():
        schema = registry.get(url)
        assert schema.to_json(schema.new()) == text


def test_small_texts_have_the_identity_that_the_original_engine_gave_them(golden: dict[str, Any]) -> None:
    """Numbered and plain lines, directives and urls, each as measured."""
    for text, md5 in golden["md5 of texts"]:
        (schema,) = Registry().add_text(text)
        assert schema.md5 == md5


def test_the_table_covers_every_workload_model(golden: dict[str, Any]) -> None:
    """A model that is dropped from the data file would go unnoticed otherwise."""
    assert len(golden["md5 of the models"]) == len(golden["default JSON of the models"]) == 18
