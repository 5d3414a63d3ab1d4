"""From picked goods to the door: picking, carriers, parcels."""
