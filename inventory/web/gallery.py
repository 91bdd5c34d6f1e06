"""Every component on one page, for the eye and for the accessibility tests. Not in production."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from flask import abort, current_app, render_template, request
from wtforms import BooleanField, DateField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from inventory.domain.actor import Permission
from inventory.domain.stock import ZERO
from inventory.http.permissions import needs
from inventory.queries.item_history import StockStep
from inventory.web import htmx
from inventory.web.blueprint import company_pages
from inventory.web.charts import step_chart
from inventory.web.forms.base import NumberField, PageForm, TrimmedField
from inventory.web.gauges import Level
from inventory.web.lists import More, Order

bp = company_pages("gallery", __name__, path="_gallery")

END: Final = datetime(2026, 3, 1, tzinfo=UTC)
PLENTY: Final = Level(
    on_hand=Decimal(118),
    reserved=Decimal(16),
    available=Decimal(102),
    on_order=Decimal(0),
    minimum=Decimal(40),
    reorder_point=Decimal(60),
    maximum=Decimal(200),
)
UNWATCHED: Final = Level(Decimal("52.5"), ZERO, Decimal("52.5"), *[ZERO] * 4)


def _plenty(on_hand: int) -> Level:
    """As PLENTY, with another figure on hand."""
    held = Decimal(on_hand)
    return replace(PLENTY, on_hand=held, available=held - PLENTY.reserved)


STOCKS: Final = (
    ("Junction box, IP65", "JBX-IP65", replace(_plenty(0), on_order=Decimal(60))),
    ("Cable tie 200 mm, black", "CTB-200", _plenty(12)),
    ("LED panel 600 x 600, 40 W", "LED-6640", _plenty(55)),
    ("Silicone sealant 300 ml, clear", "SIL-300", PLENTY),
    ("Safety helmet, yellow", "HLM-YEL", _plenty(234)),
    ("Cotton rag, 10 kg", "RAG-10", replace(UNWATCHED, on_hand=Decimal(-3), available=Decimal(-3))),
    ("Emulsion paint 5 L, white", "PNT-WH5", UNWATCHED),
)


class SampleForm(PageForm):
    code: Any = TrimmedField("Code", [InputRequired("An item needs a code.")])
    name: Any = TrimmedField("Name", [Optional()], description="As it is on the shelf.")
    cost: Any = NumberField("Cost", [Optional()])
    kind: Any = SelectField(
        "Type", choices=[SelectChoice("inventory", "Inventory"), SelectChoice("service", "Service")]
    )
    since: Any = DateField("Since", [Optional()])
    notes: Any = TextAreaField("Notes", [Optional()])
    tracked: Any = BooleanField("Stock is tracked")


@bp.before_request
def only_where_it_is_built() -> None:
    if not (current_app.debug or current_app.testing):
        abort(404)


@bp.get("")
@needs(Permission.READ)
def index() -> str:
    return render_template(
        "gallery/index.html",
        stocks=STOCKS,
        form=SampleForm(formdata=None, name="Cable tie 200 mm"),
        broken=_broken(),
        chart=_chart(),
        order=Order("name"),
        more=More("868 rows in all", 50, request.path, request.path),
        now=END,
    )


@bp.post("/toast")
@needs(Permission.READ)
def create_toast() -> Any:
    """Say something, as a change would, with a way back."""
    undo = request.path if request.form.get("undo") else None
    return htmx.done(toast=htmx.Toast("Hex bolt M8 x 40 set to 1,840", undo=undo))


def _broken() -> SampleForm:
    form = SampleForm(formdata=None, prefix="broken-")
    form.code.errors = ("The code 'CTB-200' is taken by another item.",)
    form.cost.errors = ("Type a number such as 1,250 or 12.5.",)
    return form


def _chart() -> Any:
    figures = (96, 90, 81, 70, 58, 45, 110, 102, 91, 78, 66, 54, 41, 29, 20, 12)
    steps = [
        StockStep((END - timedelta(days=4 * ago)).date(), Decimal(figure))
        for ago, figure in enumerate(reversed(figures))
    ]
    return step_chart(steps[::-1], PLENTY)
