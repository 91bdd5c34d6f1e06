"""A small trading company: 77 products of 29 suppliers in 8 categories, and their stock.

    RACKING_DATABASE_URL=... python benchmarks/northwind.py FOLDER

Prices of this set are single-precision numbers (21.3500004 means 21.35), so they are rounded
to cents. The stock is then worth 73,953.35.
"""

import argparse
import sys
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from loading import ask, bring_in, found_company, read_table, write_table

COMPANY = "company_northwind"
LOCATION = "loc_northwind"
UNITS = 3_119
VALUE = Decimal("73953.35")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, help="with products.csv and so on")
    given = parser.parse_args()
    products = read_table(given.folder / "products.csv")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        found_company("Northwind", COMPANY, "--currency", "USD", "--timezone", "America/New_York")
        surroundings(given.folder, folder)
        write_table(
            folder / "items.csv",
            ["id", "itemCode", "name", "description", "categoryId", "supplierId", "costPrice",
             "reorderPoint", "isActive"],
            [
                [f"item_{one['product_id']}", f"NW-{one['product_id']}", one["product_name"],
                 one["quantity_per_unit"], f"cat_{one['category_id']}",
                 f"supp_{one['supplier_id']}", price(one), one["reorder_level"], "true"]
                for one in products
            ],
        )  # fmt: skip
        bring_in(folder / "items.csv", "items", COMPANY)
        write_table(
            folder / "opening.csv",
            ["itemCode", "locationId", "quantity", "unitCost"],
            [
                [f"NW-{one['product_id']}", LOCATION, one["units_in_stock"], price(one)]
                for one in products
            ],
        )
        bring_in(folder / "opening.csv", "opening-stock", COMPANY, "--source", "northwind")
        discontinue(folder, products)
    check()


def surroundings(source: Path, folder: Path) -> None:
    write_table(folder / "locations.csv", ["id", "name"], [[LOCATION, "Northwind warehouse"]])
    bring_in(folder / "locations.csv", "locations", COMPANY)
    write_table(
        folder / "categories.csv",
        ["id", "name"],
        [
            [f"cat_{one['category_id']}", one["category_name"]]
            for one in read_table(source / "categories.csv")
        ],
    )
    bring_in(folder / "categories.csv", "categories", COMPANY)
    write_table(
        folder / "suppliers.csv",
        ["id", "name", "contactName", "contactTitle", "street", "city", "state", "postalCode",
         "country", "phone"],
        [
            [f"supp_{one['supplier_id']}", one["company_name"], one["contact_name"],
             one["contact_title"], one["address"], one["city"], one["region"], one["postal_code"],
             one["country"], one["phone"]]
            for one in read_table(source / "suppliers.csv")
        ],
    )  # fmt: skip
    bring_in(folder / "suppliers.csv", "suppliers", COMPANY)


def discontinue(folder: Path, products: list[dict[str, str]]) -> None:
    """Deactivate what is sold no more, after its stock is in."""
    gone = [
        [f"NW-{one['product_id']}", one["product_name"], "false"]
        for one in products
        if one["discontinued"] == "1"
    ]
    write_table(folder / "discontinued.csv", ["itemCode", "name", "isActive"], gone)
    bring_in(folder / "discontinued.csv", "items", COMPANY, "--update")


def price(product: dict[str, str]) -> Decimal:
    return Decimal(product["unit_price"]).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def check() -> None:
    ((units, value),) = ask(
        "SELECT sum(on_hand), sum(value) FROM stock_levels WHERE company_id = {id}", COMPANY
    )
    held, worth = int(str(units)) // 10**6, Decimal(str(value)) / 10**4
    print(f"{held:,} units, worth {worth:,.2f}")
    if (held, worth) != (UNITS, VALUE):
        sys.exit(f"It should be {UNITS:,} units, worth {VALUE:,}.")


if __name__ == "__main__":
    main()
