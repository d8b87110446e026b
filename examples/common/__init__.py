"""What the products share: how they ask Franked, how they show a page. Copy it with the product you begin with."""
