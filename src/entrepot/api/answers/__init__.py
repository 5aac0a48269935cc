"""What the hub answers, as records. The OpenAPI document is made from them; handlers write them, or the same fields."""
