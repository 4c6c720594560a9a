"""List the words that stand beside a printed day of publication, in thirty languages (data).

The words are in lower case; those of Latin letters stand without their marks.
"""

PUBLISHED_WORDS = frozenset(
    # English, German, French, Spanish, Italian, Portuguese, Dutch
    "published posted issued released publication veroffentlicht erschienen erstellt publiziert veroffentlichung "
    "publie publiee paru parue parution publicado publicada publicacion pubblicato pubblicata pubblicazione "
    "publicacao gepubliceerd geplaatst "
    # Polish, Russian, Ukrainian, Bulgarian, Serbian, Czech, Slovak, Slovene
    "opublikowano opublikowany dodano publikacji опубликовано опубликована опубликован публикации публикация "
    "опубліковано публікації публикувано објављено objavljeno publikovano vydano zverejneno publikovane zverejnene "
    # Turkish, Arabic, Persian, Hebrew, Hindi, Swedish, Danish, Norwegian, Finnish
    "yayinlanma yayimlanma yayinlandi yayim yayin giris نشر نشرت النشر انتشار منتشر פורסם प्रकाशित "
    "publicerad publicerat publiceret udgivet offentliggjort publisert julkaistu "
    # Hungarian, Romanian, Catalan, Greek, Indonesian, Vietnamese, Lithuanian, Latvian, Estonian
    "megjelent kozzeteve publicat publicata δημοσιευθηκε δημοσιευτηκε δημοσιευση diterbitkan dipublikasikan tayang "
    "dang paskelbta publicets avaldatud".split()
)
UPDATED_WORDS = frozenset(
    "updated update modified edited revised changed aktualisiert geandert bearbeitet stand jour modifie modifiee "
    "actualise actualisee actualizado actualizada actualizacion modificado modificada aggiornato aggiornata "
    "aggiornamento modificato atualizado atualizada atualizacao bijgewerkt gewijzigd zaktualizowano aktualizacja "
    "обновлено обновлена обновление изменено оновлено обновено azurirano aktualizovano aktualizovane guncelleme "
    "guncellenme guncellendi تحديث التحديث بروزرسانی עודכן अपडेट uppdaterad uppdaterat opdateret oppdatert paivitetty "
    "muokattu frissitve modositva actualizat ενημερωθηκε ενημερωση diperbarui nhat atnaujinta uuendatud".split()
)
FILLER_WORDS = frozenset(
    # articles and prepositions before days and hours
    "on at the of in first last latest original originally date dated day time local am um den der vom zuletzt datum "
    "uhrzeit le la les a du de des mis mise en ligne derniere dernier date el las los fecha ultima hace il alle dalle "
    "ore del della data di em as o as data da hora horas hs hrs op om te laatst dnia o godz godzina r w dna v ve dne "
    "den klo kl klokken kello ar в от дата время час часов мск г года год року о у на tarihi tarih saat son ilk "
    "في تاريخ الساعة بتاريخ من يوم آخر اخر تم بتوقيت غرينتش مكة المكرمة ב בשעה को बजे तारीख στις την ημερομηνια ora la "
    "data de pada pukul jam ngay luc gio cap thu m d gada kell pulkst st nd rd th er e "
    # hours and zones
    "pm a.m p.m uhr h hr hrs uur heures heure h00 noon midnight z ص م صباحا مساء utc gmt et est edt ct cst cdt "
    "mt mst mdt pt pst pdt ast adt akst hst bst ist jst kst cet cest eet eest wet west mez mesz msk gst sgt hkt pkt "
    "wib aest aedt acst awst nzst nzdt sast eat wat cat trt brt art eastern central pacific".split()
)
UNSPACED_WORDS = (
    *"公開日時 公開日 公開 掲載日 掲載 配信 投稿日 発行日 発売 作成日 公布 发布时间 发布日期 发布 发表时间 "
    "发表于 发表 發布時間 發佈時間 發布 發佈 發表於 發表 刊登 日期 时间 時間 기사입력 입력일시 입력 "
    "게시일 게시 등록일 등록 발행일 발행 승인 작성일 작성".split(),
    *"最終更新日 最終更新 更新日時 更新日 更新时间 更新時間 更新 修正 수정일 수정 업데이트 최종수정 최종".split(),
    *"午前 午後 上午 下午 晚上 凌晨 中午 오전 오후 曜日 月曜 火曜 水曜 木曜 金曜 土曜 日曜 星期 周 週 요일 "
    "時 时 點 点 分 秒 시 분 초 에 付 於 于 一 二 三 四 五 六 日 月 火 水 木 金 土 월 화 수 목 금 토 일".split(),
)
"""Words of Chinese, Japanese and Korean, which are not parted by spaces, the longer ones of each kind first."""
UPDATED_MARKS = ("更新", "修正", "수정", "업데이트")
"""Those among them that say that a text was changed."""
