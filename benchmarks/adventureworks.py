"""A bicycle maker: 504 products, 432 of them in bins of 14 locations, at costs of four places.

    RACKING_DATABASE_URL=... python benchmarks/adventureworks.py FOLDER

The stock is 335,974 units, worth 20,092,679.1712: so the company is founded with four places.
"""

import argparse
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

from loading import ask, bring_in, found_company, read_table, write_table

COMPANY = "company_adventureworks"
UNITS = 335_974
VALUE = Decimal("20092679.1712")
BINS = 753


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, help="with Product.csv and so on")
    given = parser.parse_args()
    products = {one["ProductID"]: one for one in read_table(given.folder / "Product.csv")}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        found_company(
            "Adventure Works", COMPANY, "--currency", "USD",
            "--timezone", "America/Los_Angeles", "--value-places", "4",
        )  # fmt: skip
        items(given.folder, folder, products)
        places(given.folder, folder, products)
    check()


def items(source: Path, folder: Path, products: dict[str, dict[str, str]]) -> None:
    tops = {
        one["ProductCategoryID"]: one["Name"] for one in read_table(source / "ProductCategory.csv")
    }
    paths = {
        one["ProductSubcategoryID"]: f"{tops[one['ProductCategoryID']]} > {one['Name']}"
        for one in read_table(source / "ProductSubcategory.csv")
    }
    write_table(
        folder / "items.csv",
        ["itemCode", "name", "category", "costPrice", "sellingPrice", "reorderPoint",
         "minimumStock", "customFields.color"],
        [
            [one["ProductNumber"], one["Name"], paths.get(one["ProductSubcategoryID"], ""),
             one["StandardCost"], one["ListPrice"], one["ReorderPoint"], one["SafetyStockLevel"],
             one["Color"]]
            for one in products.values()
        ],
    )  # fmt: skip
    bring_in(folder / "items.csv", "items", COMPANY, "--create-missing")


def places(source: Path, folder: Path, products: dict[str, dict[str, str]]) -> None:
    write_table(
        folder / "locations.csv",
        ["id", "name", "kind"],
        [
            [f"loc_{one['LocationID']}", one["Name"], "warehouse"]
            for one in read_table(source / "Location.csv")
        ],
    )
    bring_in(folder / "locations.csv", "locations", COMPANY)
    write_table(
        folder / "opening.csv",
        ["itemCode", "locationId", "bin", "quantity", "unitCost", "date"],
        [
            [products[one["ProductID"]]["ProductNumber"], f"loc_{one['LocationID']}",
             f"{one['Shelf']}-{one['Bin']}", one["Quantity"],
             products[one["ProductID"]]["StandardCost"], one["ModifiedDate"][:10]]
            for one in read_table(source / "ProductInventory.csv")
        ],
    )  # fmt: skip
    bring_in(folder / "opening.csv", "opening-stock", COMPANY, "--source", "adventureworks")


def check() -> None:
    ((units, value),) = ask(
        "SELECT sum(on_hand), sum(value) FROM stock_levels WHERE company_id = {id}", COMPANY
    )
    ((bins,),) = ask("SELECT count(*) FROM bins WHERE company_id = {id}", COMPANY)
    held, worth = int(str(units)) // 10**6, Decimal(str(value)) / 10**4
    print(f"{held:,} units in {bins} bins, worth {worth:,.4f}")
    if (held, worth, bins) != (UNITS, VALUE, BINS):
        sys.exit(f"It should be {UNITS:,} units in {BINS} bins, worth {VALUE:,}.")


if __name__ == "__main__":
    main()
