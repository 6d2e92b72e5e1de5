"""Items across regions: compared, copied and repaired by digest."""
