"""What an administrator sets about files, those beside records and those in fields alike."""

from guanxi.platform.preferences.registry import PreferenceSpec, declare

DOCUMENT_MEGABYTES = declare(
    PreferenceSpec(
        "collaboration.document_megabytes",
        25,
        "Largest document",
        "In megabytes, for each file.",
        minimum=1,
        maximum=500,
    )
)
DOCUMENT_TYPES = declare(
    PreferenceSpec(
        "collaboration.document_types",
        "pdf,doc,docx,xls,xlsx,ppt,pptx,wps,et,dps,odt,ods,odp,txt,csv,md,jpg,jpeg,png,gif,webp,zip,rar,7z,eml,mp3,m4a,mp4",
        "Kinds of documents",
        "Endings of file names, separated by commas; other files are refused.",
    )
)
