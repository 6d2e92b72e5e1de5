"""The layers of a region and what joins the regions, as Pulumi components."""
