"""The only place that writes: tables, migrations, the private cluster, one file an aggregate."""
