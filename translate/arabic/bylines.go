package arabic

// spelt holds the words of Arabic names, each followed by how most people who have it write it in English news.
// Words behind ال stand without it, unless the article stays. Own list, made from bylines (2026-11-30).
const spelt = `
محمد Mohammed أحمد Ahmed محمود Mahmoud مصطفى Mustafa علي Ali حسن Hassan حسين Hussein عمر Omar
عثمان Othman خالد Khaled وليد Walid سعيد Saeed سعد Saad سعود Saud فهد Fahd فيصل Faisal نايف Nayef
سلطان Sultan سلمان Salman تركي Turki بندر Bandar مشعل Mishal ماجد Majed ناصر Nasser ياسر Yasser
ياسين Yassin ياسمين Yasmin يوسف Youssef يونس Younes يحيى Yahya يعقوب Yaqoub إبراهيم Ibrahim
إسماعيل Ismail إسحاق Ishaq إلياس Elias إدريس Idris إيهاب Ehab إيمان Eman إسراء Esraa إسلام Islam
إياد Iyad إحسان Ehsan إلهام Elham إكرام Ikram أمير Amir أميرة Amira أمين Amin أمينة Amina أمل Amal
أماني Amani أمجد Amjad أنس Anas أنور Anwar أيمن Ayman أيوب Ayoub أيهم Ayham آية Aya آلاء Alaa
أسامة Osama أسعد Asaad أسماء Asmaa أسيل Aseel أشرف Ashraf أكرم Akram أنيس Anis أوس Aws أروى Arwa
أريج Areej أحلام Ahlam آدم Adam أدهم Adham أبرار Abrar آمال Amal آمنة Amna أبي Abi عبد Abd
باسل Basel باسم Bassem بسام Bassam بسمة Basma بدر Badr بشار Bashar بشير Bashir بشرى Bushra
بلال Bilal بكر Bakr بهاء Bahaa بثينة Buthaina براء Baraa بيان Bayan تامر Tamer تميم Tamim
توفيق Tawfiq تيسير Tayseer تغريد Taghreed ثامر Thamer ثروت Tharwat جابر Jaber جاسم Jassim
جعفر Jaafar جلال Jalal جمال Jamal جمانة Jumana جميل Jamil جميلة Jamila جهاد Jihad جواد Jawad
جورج George جوزيف Joseph جنى Jana جون John جيهان Jihan حاتم Hatem حازم Hazem حامد Hamed حبيب Habib
حسام Hossam حسني Hosni حسناء Hasnaa حمد Hamad حمدان Hamdan حمدي Hamdi حمزة Hamza حميد Hamid
حمود Hamoud حنان Hanan حنين Haneen حيدر Haidar حياة Hayat حليمة Halima خليل Khalil خليفة Khalifa
خديجة Khadija خلود Kholoud خولة Khawla خميس Khamis دانا Dana داليا Dalia دانيا Dania داود Dawood
دعاء Doaa دلال Dalal دنيا Dunya ديما Dima دينا Dina رائد Raed رائف Raef راشد Rashid رامي Rami
رامز Ramez رانيا Rania رباب Rabab ربيع Rabie رجاء Rajaa رحاب Rehab رشا Rasha رشاد Rashad رشيد Rashid
رضا Reda رضوان Radwan رمزي Ramzi رمضان Ramadan رنا Rana رندا Randa رهف Rahaf روان Rawan رياض Riyad
ريم Reem ريما Rima ريان Rayan ريهام Riham رؤوف Raouf رغد Raghad رزان Razan زكريا Zakaria زكي Zaki
زهراء Zahraa زهرة Zahra زهير Zuhair زياد Ziad زيد Zaid زيدان Zidane زين Zain زينب Zainab زينة Zeina
سارة Sarah سالم Salem سالي Sally سامر Samer سامح Sameh سامي Sami سامية Samia سحر Sahar سعاد Souad
سعدون Saadoun سفيان Sufyan سلام Salam سلمى Salma سلوى Salwa سليم Salim سليمان Suleiman سمر Samar
سمير Samir سميرة Samira سناء Sanaa سندس Sondos سهى Suha سهيل Suhail سهير Soheir سوسن Sawsan سيف Saif
سيد Sayed سهام Siham شادي Shadi شادية Shadia شاكر Shaker شريف Sherif شهد Shahd شوقي Shawqi
شيرين Shereen شيماء Shaimaa صابر Saber صالح Saleh صباح Sabah صبري Sabri صدام Saddam صفاء Safaa
صقر Saqr صلاح Salah صهيب Suhaib ضياء Diaa ضحى Doha طارق Tarek طاهر Taher طلال Talal طلعت Talaat
طه Taha عائشة Aisha عادل Adel عاصم Assem عاطف Atef عامر Amer عبدو Abdou عبده Abdo عبير Abeer
عبيد Obaid عبيدة Obaida عدنان Adnan عدي Uday عزام Azzam عزت Ezzat عز Ezz عزيز Aziz عزة Azza
عصام Essam عفاف Afaf عقيل Aqil علاء Alaa عماد Emad عمار Ammar عمران Imran عمرو Amr عمرة Amra
عنود Anoud عواد Awwad عودة Odeh عوض Awad عيسى Issa عيد Eid عليا Alia علياء Alia عفيف Afif غادة Ghada
غازي Ghazi غدير Ghadeer غسان Ghassan غيث Ghaith فؤاد Fouad فاتن Faten فادي Fadi فارس Fares
فاروق Farouk فاطمة Fatima فائز Fayez فايز Fayez فتحي Fathi فداء Fidaa فرج Faraj فرح Farah فراس Firas
فريد Farid فريدة Farida فضل Fadl فهمي Fahmi فوزي Fawzi فوزية Fawzia فاضل Fadel فلاح Falah
قاسم Qassem قصي Qusay قيس Qais كاظم Kadhim كامل Kamel كرم Karam كريم Karim كريمة Karima كمال Kamal
كنان Kinan كوثر Kawthar لبنى Lubna لطفي Lotfi لطيفة Latifa لمى Lama لمياء Lamia لؤي Louay
لجين Lujain لينا Lina ليلى Layla ليث Laith ليان Layan مازن Mazen ماهر Maher مالك Malik ماريا Maria
مبارك Mubarak متعب Miteb مجدي Magdi مجد Majd محسن Mohsen مختار Mokhtar مراد Murad مرام Maram
مرزوق Marzouq مروان Marwan مروة Marwa مريم Maryam مساعد Musaed مسعود Masoud مشاري Mishari مصعب Musab
معاذ Moaz معاوية Muawiya معتز Moataz معتصم Moatasem معن Maan مفلح Mufleh مكرم Makram منار Manar
منال Manal منذر Munther منصور Mansour منى Mona منير Munir منيرة Munira مها Maha مهدي Mahdi
مهند Mohannad موسى Musa مؤمن Moamen مؤيد Moayad مي Mai ميادة Mayada ميار Mayar ميثم Maitham
ميرا Mira ميرنا Mirna ميس Mais ميسون Maysoun ميشيل Michel مينا Mina نادر Nader نادية Nadia
نادين Nadine ناجي Naji نبيل Nabil نبيلة Nabila نجلاء Naglaa نجوى Najwa نجيب Naguib ندى Nada
نزار Nizar نسرين Nisreen نسيم Nassim نصر Nasr نضال Nidal نهى Noha نهال Nihal نهلة Nahla نواف Nawaf
نوال Nawal نور Nour نورا Nora نورة Noura نوف Nouf نعيم Naim نعيمة Naima نيرمين Nermin هادي Hadi
هالة Hala هاني Hani هاشم Hashem هبة Heba هدى Huda هديل Hadeel هشام Hesham هند Hind هناء Hanaa
هيا Haya هيام Hiyam هيثم Haitham هيفاء Haifa وائل Wael وسام Wissam وسيم Wassim وفاء Wafaa ولاء Walaa
وليم William وجدان Wijdan وعد Waad ياسمينة Yasmina يارا Yara يزن Yazan يزيد Yazid يسرى Yosra
يمنى Yumna جاد Jad شربل Charbel إيلي Elie طوني Tony بيار Pierre بيير Pierre ماري Marie نقولا Nicolas
ميخائيل Mikhail جرجس Girgis حنا Hanna بطرس Boutros بولس Boulos مايكل Michael سيرين Cyrine
سيلين Celine نانسي Nancy هاجر Hajar صفية Safia زليخة Zoulikha رقية Ruqayya كلثوم Kulthum
هنادي Hanadi وداد Widad الجزائر Algeria القاهرة Cairo الرياض Riyadh جدة Jeddah دبي Dubai
أبوظبي Abu_Dhabi بيروت Beirut عمان Amman بغداد Baghdad دمشق Damascus الرباط Rabat تونس Tunis
طرابلس Tripoli الخرطوم Khartoum الدوحة Doha الكويت Kuwait المنامة Manama مسقط Muscat صنعاء Sanaa
القدس Jerusalem الإسكندرية Alexandria لندن London باريس Paris واشنطن Washington نيويورك New_York
إسطنبول Istanbul د Dr. دكتور Dr. دكتورة Dr. مهندس Eng. مهندسة Eng. م Eng. بروفيسور Prof. الدكتور Dr.
الدكتورة Dr. المهندس Eng. المهندسة Eng. بن bin ابن Ibn بنت bint بو Bou أبو Abu أبا Abu أم Umm ذو Dhu
ولد Ould آل Al الله Allah الدين Al-Din غامدي Ghamdi عتيبي Otaibi قحطاني Qahtani دوسري Dosari
مطيري Mutairi حربي Harbi شهري Shehri زهراني Zahrani شمري Shammari عنزي Anazi رشيدي Rashidi
سبيعي Subaie عسيري Asiri أسمري Asmari بلوي Balawi جهني Juhani مالكي Maliki عمري Omari غنام Ghannam
حداد Haddad خوري Khoury نجار Najjar حلاق Hallaq قاسمي Qasimi هاشمي Hashimi حسيني Husseini
مغربي Maghribi مصري Masri شامي Shami عراقي Iraqi سوري Souri حلبي Halabi دمشقي Dimashqi
بغدادي Baghdadi موصلي Mosuli تونسي Tunisi جزائري Jazairi فاسي Fassi خطيب Khatib قاضي Qadi شيخ Sheikh
حاج Haj صباغ Sabbagh خياط Khayat عطار Attar لحام Lahham نحاس Nahhas صايغ Sayegh دباغ Dabbagh
حكيم Hakim بيطار Bitar كيلاني Kilani جيلاني Jilani عباس Abbas عباسي Abbasi أنصاري Ansari
قرشي Qurashi تميمي Tamimi طائي Taie جبوري Jubouri دليمي Dulaimi زبيدي Zubaidi عبيدي Obaidi
ربيعي Rubaie سامرائي Samarrai كعبي Kaabi منصوري Mansoori مزروعي Mazrouei كتبي Ketbi نعيمي Nuaimi
شامسي Shamsi سويدي Suwaidi ظاهري Dhaheri بلوشي Balushi رواحي Rawahi حارثي Harthi هنائي Hinai
كندي Kindi بوسعيدي Busaidi معمري Maamari سعدي Saadi مهيري Muhairi كواري Kuwari مري Marri هاجري Hajri
عجمي Ajmi رميحي Rumaihi صباحي Sabahi مقدسي Maqdisi خليلي Khalili نابلسي Nabulsi غزاوي Ghazzawi
طرابلسي Trabelsi بنعلي Benali بنسعيد Bensaid بنموسى Benmoussa بنجلون Benjelloun بوعزيزي Bouazizi
بوتفليقة Bouteflika زروال Zeroual عثماني Othmani إدريسي Idrissi علوي Alaoui فيلالي Filali تازي Tazi
برادة Berrada شناوي Shennawi بدوي Badawi منياوي Minyawi سيسي Sisi مرسي Morsi عشماوي Ashmawi
رحمن Rahman رحيم Rahim قادر Qader مجيد Majid لطيف Latif وهاب Wahab رزاق Razzaq غني Ghani جبار Jabbar
ستار Sattar فتاح Fattah حليم Halim منعم Monem مطلب Muttalib باسط Basset صمد Samad حي Hai خالق Khaleq
واحد Wahed غفار Ghaffar ملك Malik حق Haq عظيم Azim عبدالله Abdullah قيصر Qaisar ميساء Maysaa
شعيب Shuaib جبران Gibran حسان Hassan لقمان Luqman مثنى Muthanna زرياب Ziryab بنيامين Benjamin
نعمان Noman سوزان Suzan هيلين Helen بشر Bishr وجدي Wagdi وحيد Wahid وديع Wadih وردة Warda وجيه Wajih
وفيق Wafiq وصفي Wasfi بنكيران Benkirane إله Ilah منة Menna رفاعي Rifai ساويرس Sawiris بنجامين Benjamin
كريستيان Christian
كريستين Christine دانيال Daniel ديفيد David روبرت Robert بيتر Peter توماس Thomas سوزانا Susanna ليزا Lisa آنا Anna
رويترز Reuters بلومبرغ Bloomberg بلومبيرغ Bloomberg الأناضول Anadolu
سبوتنيك Sputnik شينخوا Xinhua وكالات Agencies واس SPA سكري Sukkari قطان Qattan صواف Sawwaf جمل Gamal
شاذلي Shazly فقي Feki سادات Sadat غنيم Ghoneim قنديل Qandil شعراوي Shaarawi
`

// romanLetters writes the consonants of Arabic, Persian and Urdu. Other letters depend on their neighbours.
var romanLetters = map[rune]string{
	'ب': "b", 'پ': "p", 'ت': "t", 'ث': "th", 'ج': "j", 'چ': "ch", 'ح': "h", 'خ': "kh", 'د': "d", 'ذ': "dh", 'ر': "r",
	'ز': "z", 'ژ': "zh", 'س': "s", 'ش': "sh", 'ص': "s", 'ض': "d", 'ط': "t", 'ظ': "z", 'غ': "gh", 'ف': "f", 'ڤ': "v",
	'ق': "q", 'ڨ': "g", 'ك': "k", 'ک': "k", 'گ': "g", 'ڭ': "g", 'ل': "l", 'م': "m", 'ن': "n", 'ه': "h",
	'و': "w", 'ي': "y",
	'ی': "y", 'ہ': "h", 'ھ': "h", 'ٹ': "t", 'ڈ': "d", 'ڑ': "r", 'ں': "n",
}
