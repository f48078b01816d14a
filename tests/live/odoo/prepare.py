"""Fed to ``odoo shell``: a seller beside the administrator, and an API key for each."""

import json

env = globals()["env"]
sales = env.ref("sales_team.group_sale_salesman")
seller = env["res.users"].create(
    {"name": "Sally Seller", "login": "seller", "group_ids": [(6, 0, [sales.id])]}
)
people = {"admin": env.ref("base.user_admin"), "seller": seller}
keys = {
    login: env["res.users.apikeys"].sudo().with_user(person).sudo()._generate(None, "kvitto", None)
    for login, person in people.items()
}
env.cr.commit()
print(json.dumps(keys))
