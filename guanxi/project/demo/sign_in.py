"""How to sign in to the demo company."""

PASSWORD = "guanxi-demo-2026"  # noqa: S105  # the printed password of the demo
DOMAIN = "qiheng.example"
