"""The words of pages' furniture, in ten languages, in lists parted by " / ".

English, German, French, Spanish, Italian, Portuguese, Polish, Russian, Chinese, Japanese. The regular
expressions repeat nothing without a bound, so that they take time in proportion to the text.
"""
# ruff: noqa: RUF001  Cyrillic and Chinese look like Latin


def _phrases(lines: str) -> tuple[str, ...]:
    return tuple(phrase for line in lines.strip().splitlines() for phrase in line.split(" / "))


LABELS = _phrases(
    r"""
Show more / Show less / Read more / Load more / See more / View more / See all / View all / Learn more
Advertisement / Advertisements / Advertising / Sponsored / Sponsored content / Share / Tweet / Share this
Share this article / Share this story / Share on Facebook / Share on Twitter / Copy link / Skip to content
Skip to main content / Back to top / Click to share / Story continues below advertisement / Accept all
Accept cookies / Accept all cookies / Reject all / Manage settings / Cookie settings / Open settings
Manage preferences / Cookie policy / Privacy policy / Terms of use / Terms of service / Subscribe
Subscribe now / Follow us / Add comment / Continue reading / Article continues below / Leave a comment
Leave a reply / All rights reserved / Mehr anzeigen / Mehr lesen / Weiterlesen / Mehr laden / Anzeige / Werbung
Teilen / Alle akzeptieren / Alle ablehnen / Zum Inhalt springen / Zum Inhalt / Artikel teilen / Abonnieren
Nach oben / Zustimmen / Datenschutz / Impressum / Kommentar schreiben / Jetzt abonnieren / Lesen Sie auch
Cookie-Einstellungen / Afficher plus / Voir plus / Lire la suite / Lire plus / En savoir plus / Publicité
Partager / Tout accepter / Tout refuser / Continuer sans accepter / Paramétrer / S'abonner / Se connecter
Aller au contenu / Retour en haut / Partager cet article / Mentions légales / Je m'abonne / Mostrar más
Ver más / Leer más / Cargar más / Publicidad / Compartir / Aceptar todo / Aceptar todas / Rechazar todo
Suscribirse / Suscríbete / Iniciar sesión / Ir al contenido / Mostra di più / Mostra altro / Leggi di più
Leggi tutto / Continua a leggere / Pubblicità / Condividi / Accetta tutto / Accetta tutti / Rifiuta tutto
Abbonati / Mostrar mais / Ver mais / Ler mais / Leia mais / Carregar mais / Publicidade / Compartilhar
Partilhar / Aceitar tudo / Aceitar todos / Rejeitar todos / Assine já / Pokaż więcej / Zobacz więcej
Czytaj więcej / Czytaj dalej / Reklama / Udostępnij / Zaloguj się / Akceptuję / Akceptuj wszystkie
Odrzuć wszystkie / Przejdź do treści / Показать ещё / Показать еще / Показать больше / Читать далее
Читать дальше / Реклама / Поделиться / Принять все / Подписаться / На правах рекламы / Комментировать / 显示更多
查看更多 / 加载更多 / 阅读更多 / 阅读全文 / 展开全文 / 广告 / 廣告 / 分享 / 全部接受 / 订阅 / 訂閱 / 分享到
返回顶部 / 回到頂部 / 顯示更多 / 閱讀更多 / もっと見る
続きを読む / さらに表示 / 広告 / スポンサーリンク / シェア / シェアする / ツイート / 同意する / すべて同意する
拒否する / 会員登録
"""
)
"""Lines that are buttons or labels wherever they stand."""

DANGLING = _phrases(
    r"""
Restrictions / Description / Related / Related articles / Related stories / Related topics / Tags / Topics
Comments / No comments / Most read / Most popular / Trending / Latest news / Recommended / Read also / See also
More on this story / You may also like / More stories / Top stories / Newsletter / Downloads / Einschränkungen
Beschreibung / Mehr zum Thema / Verwandte Artikel / Schlagwörter / Themen / Kommentare / Meistgelesen
Auch interessant / Lire aussi / À lire aussi / Sur le même sujet / Commentaires / Sujets / Restrictions d'usage
Articles liés / Les plus lus / Relacionados / Noticias relacionadas / Lea también / Te puede interesar
Etiquetas / Temas / Comentarios / Lo más leído / Descripción / Restricciones / Leggi anche / Articoli correlati
Commenti / I più letti / Potrebbe interessarti / Argomenti / Descrizione / Leia também / Veja também
Comentários / Mais lidas / Tópicos / Descrição / Czytaj także / Zobacz także / Komentarze / Polecamy
Najczęściej czytane / Tagi / Opis / Читайте также / Комментарии / По теме / Похожие материалы / Теги / Описание
Самое читаемое / Ограничения / 相关阅读 / 相关新闻 / 相關新聞 / 评论 / 評論 / 热门 / 热门推荐 / 推荐阅读 / 标签
関連記事 / 関連ニュース / コメント
人気記事 / ランキング / タグ
"""
)
"""Headings that go when nothing follows them."""

OPENINGS = _phrases(
    r"""
share (?:this (?:article|story|post|page|video|on|via)|on|via|it on)\b / follow (?:us|me) (?:on|at|@)
like us on facebook / find us on\b / subscribe to (?:our|the|my) .{0,30}(?:newsletter|channel|feed)
sign up (?:for|to) .{0,40}newsletter / get .{0,60}(?:in|to) your inbox
click here to (?:subscribe|sign up|log in|share) / log in to (?:comment|reply)
your email address will not be published / required fields are marked / skip to (?:main )?content
you must be logged in / this site uses akismet / please enable javascript / folgen sie uns
abonnieren sie (?:unseren|den) .{0,30}newsletter / jetzt .{0,30}newsletter (?:abonnieren|bestellen)
teilen (?:auf|via|per)\b / diesen artikel teilen / suivez-nous sur / partager (?:sur|par)\b
abonnez-vous à (?:notre|la)  / inscrivez-vous à (?:notre|la) newsletter / s[ií]guenos en\b / compartir en\b
suscr[ií]bete a (?:nuestr[oa]|la)  / seguici su\b / condividi su\b / iscriviti alla (?:nostra )?newsletter
siga-nos n[oa]\b / compartilh[ae]r? n[oa]\b / assine (?:a|nossa) newsletter / udostępnij na\b
(?:obserwuj|śledź) nas na\b / zapisz się (?:na|do) .{0,30}newsletter
подпи(?:шитесь|сывайтесь) на (?:наш|канал) / поделиться (?:в|на)\b / читайте нас в\b / следите за нами / 关注我们
關注我們 / 扫码关注 / 分享至 / フォローする / メルマガ(?:登録|に登録) / ニュースレターに登録 / この記事をシェア
"""
)
"""How lines begin that ask the reader for something: regular expressions."""

CONSENT_THINGS = _phrases(
    r"""
cookie / ciastecz / куки / クッキー / similar technologies
"""
)
"""What a notice of consent is about: plain words, folded."""

CONSENT_ACTS = _phrases(
    r"""
\b(?:we|this (?:web)?site|our (?:web)?site) (?:and our partners )?use
your (?:experience|consent|browser|device|cookie) / by (?:continuing|using|clicking|browsing|visiting) / accept
consent / \bagree / preferences / settings / necessary / privacy policy / cookie policy / website / learn more
browsing / personalis|personaliz / wir (?:und unsere partner )?(?:verwenden|nutzen|setzen)
diese (?:web)?seite (?:verwendet|nutzt) / zustimm / einwillig / einstellungen / datenschutz / akzept
nutzung (?:unserer|dieser) / einverstanden / nous utilisons / ce site (?:utilise|web) / en poursuivant
votre (?:navigation|expérience|consentement) / param[eè]tr / accepte[rz] / confidentialité / partenaires
utilizamos / usamos / este sitio / (?:su|tu) (?:experiencia|navegación|consentimiento) / acept / privacidad
si contin[uú]a / configur / utilizziamo / questo sito / utilizza / continuando / accett / acconsent
informativa / navigazione / este site / sua experiência / ao continuar / aceit / privacidade / concorda
preferências / używamy / korzystamy / ta strona / ten serwis / strona korzysta / zgod / ustawie / akceptu
prywatności / przeglądarki / мы используем / сайт использует / продолжая / соглаша / согласи / настро(?:йк|ек)
политик\w{0,3} конфиденциальности / 使用 / 同意 / 接受 / 隐私 / 隱私 / 设置 / 設定 / 浏览 / 瀏覽 / 当サイト
本サイト / プライバシー / 利用 / 続ける
"""
)
"""What a notice of consent says and asks, as regular expressions; two of them beside a thing make a notice."""

TAILS = _phrases(
    r"""
(?:leave|post|add|write|view|show) (?:an? |all )?(?:comment|repl) / comments?\b / repl(?:y|ies)\b / responses\b
related\b / recommended\b / (?:you )?(?:may|might) (?:also )?like / more (?:from|on|stories|news|in)\b
read (?:also|more|next)\b / see also\b / also read\b / latest\b / most (?:read|popular|viewed|commented|shared)
popular\b / trending\b / top (?:stories|downloads|news) / recent (?:posts?|articles|comments|stories)
similar\b / share this / about the author / tags?\b / filed under / (?:next|previous) (?:post|article|story)
previous\b / kommentare?\b / mehr (?:zum thema|aus|news|von) / weitere\b / auch interessant / das könnte
meistgelesen / verwandte / lesen sie auch / schlagw / lire (?:aussi|également) / à lire / sur le même
commentaires?\b / articles? (?:liés|similaires|récents) / voir aussi / les plus lus / recommandé
comentarios?\b / relacionad / te puede / le[ae] también / más (?:leíd|noticias) / lo más / etiquetas
leia (?:também|mais) / veja também / comentários?\b / mais (?:lidas|notícias) / commenti\b / leggi anche
articoli correlati / potrebbe / i più letti / komentarze / czytaj (?:także|też|więcej) / zobacz (?:także|też)
polecamy / przeczytaj / najnowsze / najczęściej / комментар / читайте также / похожие / по теме / другие новости
популярн / самое читаемое / 相关 / 相關 / 推荐 / 推薦 / 评论 / 評論 / 热门 / 熱門 / 最新 / 関連 / コメント
人気 / ランキング / おすすめ / σχόλια
σχετικ / διαβάστε
"""
)
"""How headings begin of what follows an article: regular expressions."""
