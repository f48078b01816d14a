"""Móveis São Brás: furniture for homes and inns in Brazil; quiet at Carnival, busy in November."""

from __future__ import annotations

from datetime import date

from kvitto.app.agency.client import Client
from kvitto.app.agency.layout import Feed
from kvitto.app.agency.layouts import board, desk, google_ads, mail, meta_ads, pipedrive, survey
from kvitto.app.agency.plan import Pause, Plan
from kvitto.app.agency.profile import (
    Campaign,
    Channel,
    Names,
    Product,
    Profile,
    Staff,
    Voice,
    pairs,
    words,
)
from kvitto.app.agency.season import Rhythm
from kvitto.app.agency.sheet import Form
from kvitto.app.agency.team import JONAS, TIAGO

_NAMES = Names(
    given=words(
        "João|Conceição|Antônio|Flávia|Luís|Letícia|Sebastião|Júlia|Márcio|Inês|Cauã|Patrícia|"
        "Otávio|Débora|Vinícius|Verônica|Rogério|Helena|Fábio|Tânia|Estêvão|Luíza|Caio|Mônica|"
        "Renê|Cláudia|Thiago|Graça"
    ),
    family=words(
        "Gonçalves|da Conceição|Araújo|Magalhães|Simões|Falcão|Assunção|Brandão|Leitão|Guimarães|"
        "Antunes|França|Mendonça|Lourenço|Negrão|Sampaio|Tavares|Nóbrega|Queirós|Vasconcelos|"
        "Ávila|Câmara|Pimentel|Bragança|Prestes|Galvão|Fagundes|Moção"
    ),
    trades=pairs(
        "Pousada: hospitality|Decorações: retail|Arquitetura: services|Construções: construction|"
        "Café: hospitality|Imóveis: real estate|Clínica: health|Escritórios: services|"
        "Restaurante: hospitality|Móveis: retail"
    ),
    cities=words(
        "São Paulo|Goiânia|Curitiba|Florianópolis|Belém|Maceió|Ribeirão Preto|Vitória|Brasília|"
        "São Luís|Niterói|Jundiaí"
    ),
    patterns=words(
        "{trade} {family} Ltda|{family} {trade} {city} ME|{trade} {family} & Irmãos {city} Ltda|"
        "{trade} {city} {family} EIRELI"
    ),
    titles=words("Sócia|Diretor|Compradora|Arquiteto|Gerente|Proprietária"),
    phone="+55 11 9####-####",
    variants=((" Ltda", " LTDA."), (" & ", " e "), (" EIRELI", " Eireli"), (" ME", " M.E.")),
    has_two_families=True,
)
_VOICE = Voice(
    subjects=pairs(
        "Entrega atrasada: complaint|Peça faltando na caixa: incident|Segunda via da nota: request|"
        "Cor diferente da foto: complaint|Prazo para Maceió: question|Troca de tecido: request"
    ),
    comments=(
        "Adorei, chegou antes do prazo!",
        "Bom, mas a montagem é difícil.",
        "Veio com defeito.",
    ),
    tasks=words(
        "Relatório mensal|Criativos para Meta|Calendário da Black Friday|Fluxo de e-mail|"
        "Fotos do catálogo|Ajuste de verba|Página da coleção"
    ),
    mailings=words(
        "Coleção Ipê chegou|Sala de estar em 12x|Frete grátis neste fim de semana|"
        "Esquenta Black Friday|Móveis para pousadas|Volta das férias"
    ),
)
_PAUSED = "Prospecção - Sala de Estar"
_PROFILE = Profile(
    id="saobras",
    name="Móveis São Brás Ltda",
    country="BR",
    country_spellings=words("Brasil|Brazil|BR"),
    currency="BRL",
    timezone="America/Sao_Paulo",
    rhythm=Rhythm(
        "BR",
        weekday=(1.15, 1.15, 1.1, 1.05, 1.0, 0.75, 0.8),
        months=(0.85, 0.85, 0.95, 0.95, 1.05, 0.95, 1.0, 1.0, 1.0, 1.05, 1.35, 1.05),
        growth=1.18,
    ),
    names=_NAMES,
    voice=_VOICE,
    sales=(
        Staff("Rosângela Brás", "rosangela.bras@saobras.example", "Diretora comercial", "Sudeste"),
        Staff("Márcio Falcão", "marcio.falcao@saobras.example", "Vendedor", "Nordeste"),
        Staff("Letícia Simões", "leticia.simoes@saobras.example", "Vendedora", "Sudeste"),
        Staff("Caio Guimarães", "caio.guimaraes@saobras.example", "Vendedor", "Sul"),
    ),
    agency=(TIAGO, JONAS),
    desk=words("Débora Antunes|Renê Moção|Tânia Lourenço"),
    channels=(
        Channel(
            "meta",
            words("Meta Ads"),
            "Paid Social",
            0.40,
            0.30,
            0.30,
            0.02,
            meta_ads.PLATFORM,
            (
                Campaign(_PAUSED, 0.5, 1.35, 0.015, 0.02),
                Campaign("Prospecção - Quarto", 0.28, 1.28, 0.014, 0.018),
                Campaign("Remarketing - Carrinho", 0.22, 1.9, 0.024, 0.035),
            ),
        ),
        Channel(
            "google",
            words("Google Ads"),
            "Paid Search",
            0.24,
            0.40,
            0.38,
            0.03,
            google_ads.PLATFORM,
            (
                Campaign("BR | Pesquisa | Sofás", 0.6, 2.1, 0.05, 0.031),
                Campaign("BR | Pesquisa | Pousadas", 0.4, 2.9, 0.041, 0.03),
            ),
        ),
        Channel("organic", words("Busca orgânica"), "Organic Search", 0.18, 0.38, 0.4, 0.012),
        Channel("email", words("E-mail"), "Email", 0.08, 0.45, 0.45, 0.02),
        Channel("referral", words("Indicação"), "Referral", 0.10, 0.55, 0.55, 0.03),
    ),
    products=(
        Product("Sofá Ipê 3 lugares", 4_800, 0.25, 4),
        Product("Mesa Jatobá", 3_200, 0.25, 3),
        Product("Conjunto Pousada", 27_500, 0.4, 1),
        Product("Cadeira Cumaru", 690, 0.3, 3),
    ),
    stages=4,
    loss_reasons=words("Preço|Concorrente|Prazo de entrega|Sem verba|Sem resposta"),
    leads_per_day=6.4,
    cycle_days=14,
    round_to=10,
    tickets_per_day=3.0,
    answer_kind="csat",
    hours_per_day=4.5,
    mail_every=10,
    mail_list=8_400,
)
_PLAN = Plan(
    doubles_every=65,
    twins_every=70,
    blank_every=55,
    negative_every=140,
    overdue_every=31,
    pause=Pause("meta", _PAUSED, date(2025, 10, 6)),
)
_FEEDS = (
    Feed(
        "saobras_crm",
        "Pipedrive: organizations, people, leads and deals.",
        "Pipedrive (CSV, UTF-8 with BOM)",
        pipedrive.files(),
        vendor="pipedrive",
    ),
    Feed(
        "saobras_meta",
        "Meta Ads, exported in English.",
        "Meta Ads (CSV)",
        meta_ads.files("BRL"),
        settles_days=7,
    ),
    Feed(
        "saobras_google",
        "Google Ads, the ad group report by day.",
        "Google Ads report (CSV with title lines and totals)",
        google_ads.files(Form(encoding="utf-8-sig", end="\n")),
        settles_days=14,
    ),
    Feed("saobras_mail", "Klaviyo's campaigns.", "Klaviyo campaign export (CSV)", mail.klaviyo()),
    Feed(
        "saobras_desk",
        "Zendesk Explore, and the answers to the question behind each case.",
        "Zendesk Explore (CSV), CSAT tool (UTF-16, tabs)",
        (*desk.files(), *survey.csat()),
    ),
    Feed("saobras_work", "Our tasks, from Jira.", "Jira (XLSX)", board.jira()),
)
CLIENT = Client(_PROFILE, _PLAN, pipedrive.ident, _FEEDS, "#0f7a43")
"""The Brazilian client."""
