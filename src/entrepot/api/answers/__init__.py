"""What the hub answers, as records: the ones that handlers write, and that the OpenAPI document is made from."""
